"""Let the planner know that nobody has traits yet: it takes a table that it never looked into for one of ten pages."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations

_ANALYZE = "analyze insight_rfm, insight_clv, insight_leaving, insight_five"


class Migration(migrations.Migration):
    dependencies: ClassVar = [("insight", "0010_order_within_groups")]

    operations: ClassVar = [migrations.RunSQL(_ANALYZE, migrations.RunSQL.noop)]
