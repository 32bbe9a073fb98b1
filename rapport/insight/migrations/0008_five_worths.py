import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

from rapport.audit.operations import Audited


class Migration(migrations.Migration):
    """What things cost and are worth, and what customers are worth in five ways."""

    dependencies = [
        ('audit', '0002_triggers'),
        ('customers', '0018_profile_customer'),
        ('insight', '0007_dashboards'),
    ]

    operations = [
        migrations.CreateModel(
            name='FiveWorthsRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('as_of', models.DateField()),
                ('snapshot_folder', models.TextField()),
                ('currency', models.CharField(max_length=3)),
                ('report', models.JSONField()),
                ('customers', models.BigIntegerField()),
                ('finished_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='CustomerFiveWorths',
            fields=[
                ('customer', models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, primary_key=True, related_name='+', serialize=False, to='customers.customer')),
                ('purchases', models.BigIntegerField()),
                ('reversals', models.BigIntegerField()),
                ('sold_micros', models.BigIntegerField()),
                ('returned_micros', models.BigIntegerField()),
                ('net_micros', models.BigIntegerField()),
                ('goods_micros', models.BigIntegerField()),
                ('uncosted_micros', models.BigIntegerField()),
                ('margin_micros', models.BigIntegerField()),
                ('service_micros', models.BigIntegerField()),
                ('campaign_micros', models.BigIntegerField()),
                ('delivery_micros', models.BigIntegerField()),
                ('contribution_micros', models.BigIntegerField()),
                ('contribution_percent', models.FloatField(null=True)),
                ('counts', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                ('insight_items', models.BigIntegerField()),
                ('insight_micros', models.BigIntegerField()),
                ('referred', models.BigIntegerField()),
                ('referred_buying', models.BigIntegerField()),
                ('referrals', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                ('credits', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                ('influence_micros', models.BigIntegerField()),
                ('last_purchase_on', models.DateField(null=True)),
            ],
            options={
                'db_table': 'insight_five',
                'indexes': [models.Index(fields=['contribution_micros', 'customer'], name='insight_five_contribution'), models.Index(fields=['insight_items', 'customer'], name='insight_five_insight'), models.Index(fields=['influence_micros', 'customer'], name='insight_five_influence')],
            },
        ),
        migrations.CreateModel(
            name='UnitValue',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.TextField(unique=True)),
                ('amount', models.BigIntegerField()),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('amount__range', (1, 10000000000))), name='insight_unitvalue_range')],
            },
        ),
        Audited("insight_unitvalue"),
        migrations.RunSQL(
            "create table insight_five_spare (like insight_five including defaults)",
            "drop table if exists insight_five_spare",
        ),
    ]
