"""What must happen later or regularly: jobs, the timetable, the dispatcher, and the command line `nennep`."""
