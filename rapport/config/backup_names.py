"""The name under which the worker is asked for a backup."""

BACKUP_TASK = "backup.make"
