"""Dashboards: reports side by side, each computed as whoever looks at it."""
