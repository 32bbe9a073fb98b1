import django.contrib.postgres.fields
import django.contrib.postgres.functions
import django.db.models.deletion
import django.db.models.functions.datetime
import uuid
from django.conf import settings
from django.db import migrations, models

from rapport.audit.operations import Audited


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ("audit", "0002_triggers"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Endpoint',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID(), default=uuid.uuid4, editable=False, unique=True)),
                ('version', models.IntegerField(db_default=1, default=1)),
                ('url', models.TextField()),
                ('description', models.TextField(blank=True, db_default='', default='')),
                ('types', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list, size=None)),
                ('state', models.TextField(choices=[('active', 'Active'), ('paused', 'Paused'), ('disabled', 'Switched off'), ('deleted', 'Deleted')], db_default='active', default='active')),
                ('why', models.TextField(blank=True, choices=[('gone', 'It answered that it is gone for good (410).'), ('exhausted', 'A message could not be delivered in three days of trying.'), ('owner', 'Whoever it acts for may have nothing told any more.')], db_default='', default='')),
                ('made_at', models.DateTimeField()),
                ('rest_until', models.DateTimeField(blank=True, null=True)),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Message',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID(), default=uuid.uuid4, editable=False, unique=True)),
                ('event_id', models.UUIDField()),
                ('part', models.SmallIntegerField(db_default=0, default=0)),
                ('type', models.TextField()),
                ('about', models.TextField(blank=True, db_default='', default='')),
                ('ids', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list, size=None)),
                ('more', models.JSONField(default=dict)),
                ('happened_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('state', models.TextField(choices=[('waiting', 'Waiting'), ('delivered', 'Delivered'), ('failed', 'Given up')], db_default='waiting', default='waiting')),
                ('try_count', models.IntegerField(db_default=0, default=0)),
                ('round_count', models.SmallIntegerField(db_default=0, default=0)),
                ('next_try_at', models.DateTimeField(blank=True, db_default=django.db.models.functions.datetime.Now(), null=True)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('endpoint', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='webhooks.endpoint')),
            ],
        ),
        migrations.CreateModel(
            name='Attempt',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.IntegerField()),
                ('tried_at', models.DateTimeField()),
                ('took_ms', models.IntegerField()),
                ('status', models.IntegerField(blank=True, null=True)),
                ('problem', models.TextField(blank=True, choices=[('status', 'It was not accepted.'), ('redirect', 'It was sent on to another address, which is never followed.'), ('timeout', 'There was no answer in time.'), ('connection', 'No connection came about, or it broke off.'), ('tls', 'The certificate or the encryption is not in order.'), ('name', 'The name of the host is not known.'), ('address', 'The host lies in a network that is not open to webhooks.')], db_default='', default='')),
                ('answer', models.TextField(blank=True, db_default='', default='')),
                ('message', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='webhooks.message')),
            ],
        ),
        migrations.CreateModel(
            name='Secret',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sealed', models.TextField()),
                ('made_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField(blank=True, null=True)),
                ('endpoint', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='webhooks.endpoint')),
            ],
        ),
        migrations.AddIndex(
            model_name='message',
            index=models.Index(fields=['endpoint', 'id'], name='webhooks_message_log'),
        ),
        migrations.AddIndex(
            model_name='message',
            index=models.Index(condition=models.Q(('state', 'waiting')), fields=['endpoint', 'next_try_at', 'id'], name='webhooks_message_due'),
        ),
        migrations.AddIndex(
            model_name='message',
            index=models.Index(fields=['happened_at'], name='webhooks_message_age'),
        ),
        migrations.AddConstraint(
            model_name='message',
            constraint=models.UniqueConstraint(fields=('event_id', 'endpoint', 'part'), name='webhooks_message_once'),
        ),
        migrations.AddConstraint(
            model_name='message',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('next_try_at__isnull', False), ('state', 'waiting')), models.Q(models.Q(('state', 'waiting'), _negated=True), ('ended_at__isnull', False), ('next_try_at', None)), _connector='OR'), name='webhooks_message_waits'),
        ),
        migrations.AddConstraint(
            model_name='attempt',
            constraint=models.UniqueConstraint(fields=('message', 'number'), name='webhooks_attempt_once'),
        ),
        migrations.AddConstraint(
            model_name='secret',
            constraint=models.UniqueConstraint(condition=models.Q(('ends_at', None)), fields=('endpoint',), name='webhooks_secret_current'),
        ),
        Audited("webhooks_endpoint", ignore=("version", "rest_until")),
    ]
