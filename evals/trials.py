"""Puts the same questions to two versions of an agent, each judged by what is right for it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from evals.derive import Treated, derive, fair
from evals.facts import facts_of
from evals.sets import Attack, Case, EvaluationSet
from src.core.agent_config import AgentConfig, Faq
from src.messages.question import Question

Key = tuple[tuple[str, ...], tuple[tuple[str, str], ...]]


@dataclass(frozen=True)
class Trial:
    """One question with what is right for each version; None where nothing is known to be."""

    group: str
    question: Question
    live: Case | None
    draft: Case | None


@dataclass(frozen=True)
class AttackTrial:
    """One attack with what each version must not say."""

    question: Question
    live: Attack
    draft: Attack


@dataclass(frozen=True)
class Trials:
    """All that is put to both versions."""

    questions: tuple[Trial, ...]
    attacks: tuple[AttackTrial, ...]

    @property
    def size(self) -> int:
        """How many thoughts that takes."""
        asked = sum((one.live is not None) + (one.draft is not None) for one in self.questions)
        return asked + 2 * len(self.attacks)


def trials(live: AgentConfig, draft: AgentConfig, own: EvaluationSet | None) -> Trials:
    """What is derived from each version's FAQs, those that differ first, and the owner's own set.

    What customers ask today, in the words of what is live, is put to both. The new words of an FAQ are put to the draft
    alone: that it knows them makes good nothing that is lost.
    """
    differ = frozenset(faq.id for faq in {*live.faqs} ^ {*draft.faqs})
    of_live, of_draft = derive(live, differ), derive(draft, differ)
    given = own.cases if own else ()
    fits_live, fits_draft = _fitting(live, of_live), _fitting(draft, of_draft)
    known = {_asks(faq) for faq in live.faqs}
    reworded = {faq.id for faq in draft.faqs if _asks(faq) not in known}
    found = [Trial(one.group, one.question, one, fits_draft(one, live)) for one in of_live.cases]
    for one in of_draft.cases:
        judged = None if reworded.intersection(one.faq_ids) else fits_live(one, draft)
        found.append(Trial(one.group, one.question, judged, one))
    found += [Trial(one.group, one.question, fits_live(one, draft), fits_draft(one, draft)) for one in given]
    questions = {_key(one.question): one for one in reversed(found) if one.live or one.draft}
    attacks = {
        _key(one.question): one
        for one in (*of_live.attacks, *of_draft.attacks, *(own.attacks if own else ()))
    }
    ordered = tuple(reversed(questions.values()))
    return Trials(ordered, tuple(_attack_trials(attacks.values(), live, draft)))


def _asks(faq: Faq) -> tuple[str, ...]:
    """All that tells what the FAQ is asked by."""
    return (faq.q, faq.title or "", *faq.also)


def _key(question: Question) -> Key:
    return question.texts, tuple((said.role, said.text) for said in question.context)


def _fitting(config: AgentConfig, derived: EvaluationSet) -> Callable[[Case, AgentConfig], Case | None]:
    """Says what is right for this version when a question comes from another one's FAQs."""
    own = {_key(case.question): case for case in derived.cases}
    treats = Treated(config)

    def fit(case: Case, origin: AgentConfig) -> Case | None:
        found = own.get(_key(case.question))
        if found is not None:
            return found
        if case.expected == "answer":
            return _moved(case, origin, config)
        return None if case.expected == "unanswerable" and treats(case.question.texts[0]) else case

    return fit


def _moved(case: Case, origin: AgentConfig, config: AgentConfig) -> Case | None:
    """The case with this version's FAQs: those of the same id, or, where that is gone, of the same answer."""
    faqs = {faq.id: faq for faq in config.faqs}
    by_answer = {faq.a: faq for faq in config.faqs}
    before = {faq.id: faq for faq in origin.faqs}
    found: list[Faq] = []
    for faq_id in case.faq_ids:
        here = faqs.get(faq_id) or (by_answer.get(before[faq_id].a) if faq_id in before else None)
        if here is None:
            return None
        found.append(here)
    facts = facts_of(found[0].a) if case.group == "numbers" else case.facts
    return replace(case, faq_ids=tuple(faq.id for faq in found), facts=facts)


def _attack_trials(attacks: Iterable[Attack], live: AgentConfig, draft: AgentConfig) -> Iterable[AttackTrial]:
    for one in attacks:
        pair = AttackTrial(one.question, fair(one, live), fair(one, draft))
        if pair.live.must_not and pair.draft.must_not:
            yield pair
