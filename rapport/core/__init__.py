"""The kernel, without business words: events, registry, jobs, money, clock, embedded database."""
