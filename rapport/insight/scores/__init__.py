"""Estimates of what customers will do: one file is one estimate, with its fit, its forecast, its back-test and its reasons."""
