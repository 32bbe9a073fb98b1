import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
import uuid
from django.conf import settings
from django.db import migrations, models

from rapport.accounts.standard_roles import MANAGER
from rapport.audit.operations import Audited
from rapport.core.acting import SYSTEM, acting

_RIGHT, _LIKE = "segments.make", "records.share"


def give_right(apps, schema_editor):
    """Who shares views with others makes segments too, from the start."""
    with acting(SYSTEM, reason="segments.rights"):
        for role in apps.get_model("accounts", "Role").objects.filter(name=MANAGER):
            if _LIKE in role.rights and _RIGHT not in role.rights:
                role.rights = sorted([*role.rights, _RIGHT])
                role.save(update_fields=["rights"])


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('customers', '0013_trash'),
        ('records', '0011_saved_views'),
        ('accounts', '0004_times_deactivated'),
        ('audit', '0002_triggers'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Pending',
            fields=[
                ('customer_id', models.BigIntegerField(primary_key=True, serialize=False)),
            ],
        ),
        migrations.CreateModel(
            name='Segment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('name', models.TextField()),
                ('note', models.TextField(blank=True, db_default='', default='')),
                ('is_static', models.BooleanField(db_default=False, default=False)),
                ('definition', models.TextField(blank=True, db_default='', default='')),
                ('version', models.IntegerField(db_default=1, default=1)),
                ('made_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('changed_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('trashed_at', models.DateTimeField(blank=True, null=True)),
                ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='SegmentState',
            fields=[
                ('segment', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='state', serialize=False, to='segments.segment')),
                ('computed_at', models.DateTimeField(null=True)),
                ('computed_version', models.IntegerField(db_default=0, default=0)),
                ('member_count', models.BigIntegerField(db_default=0, default=0)),
                ('problem', models.TextField(blank=True, db_default='', default='')),
            ],
        ),
        migrations.CreateModel(
            name='Pick',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('added_at', models.DateTimeField()),
                ('added_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('customer', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer')),
                ('profile', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.profile')),
                ('segment', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='segments.segment')),
            ],
        ),
        migrations.CreateModel(
            name='Passage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('batch_id', models.BigIntegerField()),
                ('has_entered', models.BooleanField()),
                ('at', models.DateTimeField()),
                ('customer', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='customers.customer')),
                ('segment', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='segments.segment')),
            ],
        ),
        migrations.CreateModel(
            name='MemberBatch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('entered', models.BigIntegerField()),
                ('left', models.BigIntegerField()),
                ('member_count', models.BigIntegerField()),
                ('segment', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='segments.segment')),
            ],
        ),
        migrations.CreateModel(
            name='SegmentMember',
            fields=[
                ('pk', models.CompositePrimaryKey('segment_id', 'customer_id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('since', models.DateTimeField()),
                ('customer', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='customers.customer')),
                ('segment', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='segments.segment')),
            ],
        ),
        migrations.AddConstraint(
            model_name='segment',
            constraint=models.UniqueConstraint(django.db.models.functions.text.Lower('name'), condition=models.Q(('trashed_at', None)), name='segments_segment_name'),
        ),
        migrations.AddConstraint(
            model_name='pick',
            constraint=models.UniqueConstraint(fields=('segment', 'profile'), name='segments_pick_once'),
        ),
        migrations.AddIndex(
            model_name='passage',
            index=models.Index(fields=['customer', 'segment'], name='segments_passage_customer'),
        ),
        migrations.AddIndex(
            model_name='passage',
            index=models.Index(fields=['batch_id'], name='segments_passage_batch'),
        ),
        migrations.AddIndex(
            model_name='memberbatch',
            index=models.Index(fields=['segment', '-at'], name='segments_batch_newest'),
        ),
        migrations.AddIndex(
            model_name='segmentmember',
            index=models.Index(fields=['customer', 'segment'], name='segments_member_customer'),
        ),
        Audited("segments_segment"),
        Audited("segments_pick"),
        migrations.RunPython(give_right, migrations.RunPython.noop),
    ]
