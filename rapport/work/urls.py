"""The URLs of this room."""

from django.urls import path

from rapport.work.views import comments, files, notifications, people, quick_log, seeing, sharing, tasks, today

urlpatterns = [
    path("today/", today.today, name="today"),
    path("notifications/", notifications.notifications, name="notifications"),
    path("notifications/count/", notifications.notification_count, name="notification_count"),
    path("notifications/read/", notifications.notification_read, name="notification_read"),
    path("notifications/read-all/", notifications.notification_read_all, name="notification_read_all"),
    path("notifications/snooze/", notifications.notification_snooze, name="notification_snooze"),
    path("notifications/mail/", notifications.notification_mail, name="notification_mail"),
    path("log/", quick_log.quick_log, name="quick_log"),
    path("tasks/", tasks.tasks, name="tasks"),
    path("tasks/add/", tasks.task_add, name="task_add"),
    path("tasks/<uuid:public_id>/", tasks.task, name="task"),
    path("tasks/<uuid:public_id>/edit/", tasks.task_edit, name="task_edit"),
    path("tasks/<uuid:public_id>/done/", tasks.task_done, name="task_done"),
    path("tasks/<uuid:public_id>/cancel/", tasks.task_cancel, name="task_cancel"),
    path("tasks/<uuid:public_id>/reopen/", tasks.task_reopen, name="task_reopen"),
    path("tasks/<uuid:public_id>/trash/", tasks.task_trash, name="task_trash"),
    path("tasks/<uuid:public_id>/snooze/", notifications.task_snooze, name="task_snooze"),
    path("on/<slug:kind>/<uuid:public_id>/follow/", notifications.record_follow, name="record_follow"),
    path("on/<slug:kind>/<uuid:public_id>/people/", people.people_who_see, name="people_who_see"),
    path("on/<slug:kind>/<uuid:public_id>/log/", quick_log.quick_log_on, name="quick_log_on"),
    path("on/<slug:kind>/<uuid:public_id>/comments/", comments.comment_write, name="comment_write"),
    path("on/<slug:kind>/<uuid:public_id>/sharing/", sharing.record_sharing, name="record_sharing"),
    path("settings/seeing/", seeing.seeing, name="seeing"),
    path("shares/<uuid:public_id>/end/", sharing.share_end, name="share_end"),
    path("comments/<uuid:public_id>/edit/", comments.comment_edit, name="comment_edit"),
    path("comments/<uuid:public_id>/delete/", comments.comment_delete, name="comment_delete"),
    path("comments/<uuid:public_id>/restore/", comments.comment_restore, name="comment_restore"),
    path("on/<slug:kind>/<uuid:public_id>/files/", files.file_attach, name="file_attach"),
    path("files/<uuid:public_id>/", files.file, name="file"),
    path("files/<uuid:public_id>/trash/", files.file_trash, name="file_trash"),
    path("files/<uuid:public_id>/restore/", files.file_restore, name="file_restore"),
]
