import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("identity", "0003_never_again"), ("customers", "0012_restriction")]

    operations = [
        migrations.CreateModel(
            name="SaidBefore",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("said", models.JSONField()),
                (
                    "customer",
                    models.ForeignKey(
                        db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name="+",
                        to="customers.customer",
                    ),
                ),
                (
                    "profile",
                    models.OneToOneField(
                        db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name="+",
                        to="customers.profile",
                    ),
                ),
            ],
        ),
    ]
