"""Nobody is told of jobs that do nothing unusual: at most one false alarm a team and week."""

from tests.false_alarms import TEAMS, alarms

# A fifth of the fleet of a thousand jobs, and so of its alarms.
JOBS, OF = 200, 1000


def test_a_healthy_fleet_raises_less_than_one_alarm_a_team_and_week() -> None:
    first, *later = alarms(JOBS, 3)
    most = TEAMS * JOBS / OF
    assert first.total() <= 2 * most, first
    for week in later:
        assert week.total() <= most, week
