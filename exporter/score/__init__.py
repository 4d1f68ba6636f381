"""The score: scenarios in virtual time, judged by the real rules, compared with what they should raise."""
