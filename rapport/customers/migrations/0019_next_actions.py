import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models

from rapport.audit.operations import Audited


class Migration(migrations.Migration):
    """What was made of proposed actions, and the best action for every customer whom somebody owns."""

    dependencies = [
        ('customers', '0018_profile_customer'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='StandingAction',
            fields=[
                ('customer', models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, primary_key=True, related_name='+', serialize=False, to='customers.customer')),
                ('owner_id', models.BigIntegerField()),
                ('rule', models.TextField()),
                ('stake_micros', models.BigIntegerField()),
            ],
            options={
                'indexes': [models.Index(fields=['owner_id', '-stake_micros', 'customer'], name='customers_standing_owner')],
            },
        ),
        migrations.CreateModel(
            name='ActionAnswer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('rule', models.TextField()),
                ('answer', models.TextField(choices=[('taken', 'Taken'), ('refused', 'Not now')])),
                ('note', models.TextField(blank=True, db_default='', default='')),
                ('answered_at', models.DateTimeField()),
                ('answered_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('customer', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer')),
                ('profile', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.profile')),
            ],
            options={
                'indexes': [models.Index(fields=['customer', 'rule', '-answered_at'], name='customers_answer_customer'), models.Index(fields=['rule', '-answered_at'], name='customers_answer_rule')],
            },
        ),
        Audited("customers_actionanswer"),
    ]
