"""Work in the background: planning, sending, imports, reports, schedules."""
