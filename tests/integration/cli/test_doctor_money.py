"""`released doctor` says when a model is not called, and when the month's money is spent."""

from collections.abc import Iterator
from contextlib import contextmanager

from src.core.database import Database
from src.core.errors import BrainBroke, BrainDown
from src.core.instance import open_instance
from src.core.openai_client import Usage
from src.core.settings import Settings
from src.messages.brain import breaker, money
from src.messages.brain.money import Payer
from tests.integration.cli.test_doctor import Patient, patient

__all__ = ["patient"]

KEY = {"OPENAI_API_KEY": "sk-of-the-tests"}


@contextmanager
def inside(patient: Patient) -> Iterator[Database]:
    """The patient's database."""
    instance = open_instance(Settings(_env_file=None, released_home=patient.home, database_url=patient.url))
    yield instance.database
    instance.close()


def test_a_model_that_is_called_and_affordable_is_well(patient: Patient) -> None:
    visit = patient.visit(**KEY)
    assert visit.state("calls") == visit.state("spending") == "ok"
    assert "0.00 of 100.00 US$" in visit.said("spending")
    assert "without a ceiling" in patient.visit(**KEY, MONTH_USD="0").said("spending")


def test_without_a_model_there_is_nothing_to_say(patient: Patient) -> None:
    assert not {"calls", "spending"} & set(patient.visit().checks)


def test_an_account_without_money_is_a_failure_with_its_cure(patient: Patient) -> None:
    with inside(patient) as database:
        breaker.record(database, "gpt-6-luna", BrainBroke("insufficient_quota"))
    visit = patient.visit(**KEY)
    assert visit.state("calls") == "fail"
    assert "add credit" in visit.said("calls")
    assert "for less than 1 min now; tried again in 5 min" in visit.said("calls")


def test_a_server_that_is_away_is_a_warning(patient: Patient) -> None:
    with inside(patient) as database:
        for _ in range(3):
            breaker.record(database, "gpt-6.1-terra", BrainDown("503"))
    visit = patient.visit(**KEY, OPENAI_SECOND_MODEL="gpt-6.1-terra")
    assert visit.state("calls") == "warn"
    assert "gpt-6.1-terra is not called" in visit.said("calls")
    assert patient.visit(**KEY).state("calls") == "ok"  # that model is no more of the settings


def test_a_month_whose_money_is_spent_is_a_warning(patient: Patient) -> None:
    with inside(patient) as database, database.transaction() as session:
        use = Usage("gpt-6.1-terra", 3_000_000)
        money.record_use(session, Settings(_env_file=None), Payer("a", None), "answer", use)
    visit = patient.visit(**KEY, MONTH_USD="2.5")
    assert visit.state("spending") == "warn"
    assert "3.00 of 2.50 US$" in visit.said("spending")
    assert "MONTH_USD" in visit.said("spending")
