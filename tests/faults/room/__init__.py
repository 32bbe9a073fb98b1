"""A room of the fault tests: a job that takes long, a page that reads, a form that writes."""
