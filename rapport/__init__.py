"""Rapport: a customer relationship management system whose operational and analytical halves are one."""
