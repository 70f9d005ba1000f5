"""One file a rule; the table is in auditor/changecontrol/judge.py."""
