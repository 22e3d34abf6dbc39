"""Makes an evaluation set from an agent's FAQs alone: the same FAQs give the same set, without network or model."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import islice
from random import Random

from evals import asked
from evals.compare import gives_away
from evals.facts import facts_of
from evals.sets import Attack, Case, EvaluationSet
from evals.wordings import MANNERS, Manner, inside, plain, sentence
from src.core.agent_config import AgentConfig, Faq
from src.messages import faq_answerer
from src.messages.indexes import index_of
from src.messages.question import Question
from src.messages.words import is_stop, readable, words

MOST = 400  # questions and attacks of a set
OUTSIDE = 24  # questions that no FAQ treats, at most
LOW = 0.5  # the score of the nearest FAQ under which a question may count as treated by none
_BESIDE = (("off", "off_topic"), ("hand", "handoff"), ("small", "smalltalk"))
_WORDS_OF_INSTRUCTIONS = 6


def derive(config: AgentConfig, first: frozenset[str] = frozenset()) -> EvaluationSet:
    """At most 400 questions with what a right answer is, and attacks with what must not be said.

    8 to 12 questions an FAQ while they fit, else fewer, in turns of different kinds; the FAQs of `first` before
    others. A wording that two FAQs share is left out.
    """
    language = index_of(config).language
    attacks = _attacks(config, language)
    fixed = [*_outside(config, language), *_beside(language)]
    cases = _of_faqs(config, language, first, MOST - len(attacks) - len(fixed))
    return EvaluationSet("derived", config, (*cases, *fixed), tuple(attacks))


def seeded(*texts: str) -> Random:
    """Chance that is always the same for the same texts."""
    return Random(hashlib.sha256("\x1f".join(texts).encode("utf-8", "replace")).digest())


def _order(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "replace")).digest()


def _of_faqs(config: AgentConfig, language: str, first: frozenset[str], room: int) -> list[Case]:
    """Rounds over all FAQs, each time another kind of question for each, until the room is full."""
    faqs = sorted(config.faqs, key=lambda faq: (faq.id not in first, _order(faq.q)))
    kinds = [_worded(name) for name in MANNERS]
    kinds.insert(len(kinds) - 2, _together(faqs))
    found: dict[tuple[str, ...], Case] = {}
    shared = _said_twice(config)
    for turn in range(len(kinds)):
        for place, faq in enumerate(faqs):
            if len(found) >= room:
                return _by_faq(found.values(), config)
            how = Manner(language, seeded(faq.q, faq.a, str(turn)))
            case = kinds[(turn + place) % len(kinds)](faq, how)
            key = tuple(plain(text) for text in case.question.texts) if case else ()
            if case is None or " ".join(key) in shared:
                continue
            if key in found and found[key].faq_ids != case.faq_ids:
                shared.add(" ".join(key))
                del found[key]
            else:
                found.setdefault(key, case)
    return _by_faq(found.values(), config)


def _worded(name: str) -> Callable[[Faq, Manner], Case | None]:
    def made(faq: Faq, how: Manner) -> Case | None:
        texts = MANNERS[name](faq, how)
        facts = facts_of(faq.a) if name == "numbers" else ()
        case_id = f"derived-{name}-{faq.id}"
        return Case(case_id, name, Question(texts), "answer", (faq.id,), facts) if texts else None

    return made


def _together(faqs: Sequence[Faq]) -> Callable[[Faq, Manner], Case | None]:
    """Two questions in one message: an FAQ's and the next one's."""
    following = dict(zip((faq.id for faq in faqs), (*faqs[1:], *faqs[:1]), strict=True))

    def made(faq: Faq, how: Manner) -> Case | None:
        other = following[faq.id]
        if other.id == faq.id or other.a == faq.a:
            return None
        text = how.said["together"].format(q=sentence(faq.q), other=inside(other.q))
        return Case(f"derived-multi-{faq.id}", "multi", Question((text,)), "answer", (faq.id, other.id))

    return made


def _said_twice(config: AgentConfig) -> set[str]:
    """Phrasings that stand in two FAQs."""
    owners: dict[str, set[str]] = defaultdict(set)
    for faq in config.faqs:
        for text in (faq.q, *faq.also, *([faq.title] if faq.title else [])):
            owners[plain(text)].add(faq.id)
    return {text for text, ids in owners.items() if len(ids) > 1}


def _by_faq(cases: Iterable[Case], config: AgentConfig) -> list[Case]:
    places = {faq.id: place for place, faq in enumerate(config.faqs)}
    return sorted(cases, key=lambda case: (places[case.faq_ids[0]], case.id))


def _outside(config: AgentConfig, language: str) -> list[Case]:
    """Questions whose words stand in no FAQ and to which no FAQ is near."""
    treats = Treated(config)
    free = (text for text in sorted(asked.load(language)["unanswerable"], key=_order) if not treats(text))
    far = islice((text for text in free if _nearest(config, text) < LOW), OUTSIDE)
    return [
        Case(f"derived-unans-{number}", "unans", Question((text,)), "unanswerable")
        for number, text in enumerate(far, start=1)
    ]


class Treated:
    """Tells whether an agent's FAQs speak of what a question of `evals/asked` is about, by its words."""

    def __init__(self, config: AgentConfig) -> None:
        self._language = index_of(config).language
        self._known = frozenset(
            one.stem
            for faq in config.faqs
            for text in (faq.q, faq.a, faq.title or "", *faq.also)
            for one in words(readable(text), self._language)
        )

    def __call__(self, text: str) -> bool:
        topics: str = asked.load(self._language)["unanswerable"].get(text, "")
        return any(self._stands(topic) for topic in topics.split(",") if topic.strip())

    def _stands(self, topic: str) -> bool:
        """Every telling word of the topic is somewhere in the FAQs."""
        said = words(readable(topic), self._language)
        return all(one.stem in self._known for one in said if not is_stop(one, self._language))


def _nearest(config: AgentConfig, text: str) -> float:
    ranked = faq_answerer.draft(Question((text,)), config).ranked
    return ranked[0].score if ranked else 0.0


def _beside(language: str) -> list[Case]:
    listed = asked.load(language)["beside"]
    return [
        Case(f"derived-{group}-{number}", group, Question((text,)), kind)
        for group, kind in _BESIDE
        for number, text in enumerate(listed[kind], start=1)
    ]


def _attacks(config: AgentConfig, language: str) -> list[Attack]:
    """The built-in attacks, in the agent's terms."""
    asks = min((faq.q for faq in config.faqs), key=_order)
    found = []
    for number, one in enumerate(asked.load(language)["attacks"], start=1):
        texts = tuple(text.replace("{q}", asks) for text in one["texts"])
        signs = tuple(filter(None, (_wanted(entry, config) for entry in one["must_not"])))
        found.append(fair(Attack(f"derived-atk-{number}", Question(texts), signs), config))
    return [attack for attack in found if attack.must_not]


def fair(attack: Attack, config: AgentConfig) -> Attack:
    """The attack without what this agent says anyway: that is no sign of one that got through."""
    own = [text for faq in config.faqs for text in (faq.q, faq.a)] + [config.handoff.contact or ""]
    signs = tuple(entry for entry in attack.must_not if not any(gives_away(text, entry) for text in own))
    return replace(attack, must_not=signs)


def _wanted(entry: str, config: AgentConfig) -> str:
    """The first words of the owner's instructions, in the place of `{instructions}`."""
    if entry != "{instructions}":
        return entry
    first = (config.instructions or "").split()[:_WORDS_OF_INSTRUCTIONS]
    return " ".join(first) if len(first) == _WORDS_OF_INSTRUCTIONS else ""
