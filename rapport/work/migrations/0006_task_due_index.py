from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("work", "0006_reminders_by_field")]

    operations = [
        migrations.AddIndex(
            model_name="task",
            index=models.Index(fields=["due_at", "id"], name="work_task_due_at"),
        ),
    ]
