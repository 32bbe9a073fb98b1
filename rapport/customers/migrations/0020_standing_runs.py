from django.db import migrations, models


class Migration(migrations.Migration):
    """How many customers each rule stood for, whenever the actions of all were compared."""

    dependencies = [
        ('customers', '0019_next_actions'),
    ]

    operations = [
        migrations.CreateModel(
            name='StandingRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('compared_at', models.DateTimeField()),
                ('by_rule', models.JSONField(default=dict)),
            ],
        ),
    ]
