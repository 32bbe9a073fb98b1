"""Static files under names that carry a hash of their content, so that they can be cached for ever."""

from __future__ import annotations

from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticStorage(CompressedManifestStaticFilesStorage):
    support_js_module_import_aggregation = True

    def stored_name(self, name: str) -> str:
        """Under its plain name while nothing was collected, as in tests; after that a missing file is an error."""
        return super().stored_name(name) if self.hashed_files else name
