"""The score: scenarios in virtual time, judged by the real alert rules, compared with what they should raise."""
