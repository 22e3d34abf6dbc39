"""What a draft rests on: the sources it cites, the owner's contacts, and what the customer said."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from src.core.agent_config import AgentConfig, Faq
from src.messages.brain.grounding.flat import flat, flat_source, words_in
from src.messages.brain.grounding.reading import Text, read_as_claims, read_claims, read_source
from src.messages.decision import DecisionKind, Draft
from src.messages.language import LANGUAGES, of_agent, of_text
from src.messages.question import Question

_ALSO_MOST = 20  # further phrasings of a question that are read
_HEARD_MOST = 6_000  # characters of what the customer said that are looked at
_NAMES = re.compile(r"(?<=[^\W_][ ,;] )[A-ZÀ-ÖØ-Þ][a-zà-öø-ÿ]{2,}|(?<=[^\W_] )[A-ZÀ-ÖØ-Þ][a-zà-öø-ÿ]{2,}")
_INTRODUCED = re.compile(
    r"\b(?:soy|me llamo|mi nombre es|sou|me chamo|meu nome e|aqui e [ao]|i'm|i am|my name is|this is) (\w+)"
)


def _asked(faq: Faq) -> tuple[str, ...]:
    return tuple(text for text in (faq.q, faq.title, *faq.also[:_ALSO_MOST]) if text)


@dataclass(frozen=True)
class Grounds:
    """A draft beside what it must hold against. Everything is read when a check asks for it, and once."""

    draft: Draft
    config: AgentConfig
    question: Question

    @cached_property
    def spoken(self) -> str:
        """The language of the owner's texts."""
        return of_agent(self.config.language)

    @cached_property
    def language(self) -> str:
        """The language in which the draft is read."""
        said = self.draft.language if self.draft.language in LANGUAGES else self.spoken
        return of_text(self.draft.text, said)

    @cached_property
    def faqs(self) -> dict[str, Faq]:
        """Every FAQ of the agent by id."""
        return {faq.id: faq for faq in self.config.faqs}

    @cached_property
    def cited(self) -> list[Faq]:
        """The FAQs that the draft cites; of a question back those that it offers."""
        ids = self.draft.options if self.draft.kind == DecisionKind.CLARIFY else self.draft.source_ids
        return [self.faqs[one] for one in dict.fromkeys(ids) if one in self.faqs]

    @cached_property
    def answers(self) -> list[str]:
        """What the cited sources answer: FAQs' answers, and what tools told."""
        told = [
            self.draft.told[one] for one in dict.fromkeys(self.draft.source_ids) if one in self.draft.told
        ]
        return [*(faq.a for faq in self.cited), *told] if self.is_answer else []

    @cached_property
    def cited_texts(self) -> list[tuple[str, ...]]:
        """All that each cited source says, source by source. A question back may say what its options ask."""
        told = [(self.draft.told[one],) for one in self.draft.source_ids if one in self.draft.told]
        return [*((*((faq.a,) if self.is_answer else ()), *_asked(faq)) for faq in self.cited), *told]

    @cached_property
    def texts(self) -> list[str]:
        """All that the cited sources say."""
        return [text for texts in self.cited_texts for text in texts]

    @property
    def is_answer(self) -> bool:
        """Does the draft answer, so that it must have sources?"""
        return self.draft.kind == DecisionKind.ANSWER

    @cached_property
    def told(self) -> bool:
        """Is an answer of a tool cited? It is terse, and often English: the draft puts it into words."""
        return any(one in self.draft.told for one in self.draft.source_ids)

    @cached_property
    def subjects(self) -> tuple[str, ...]:
        """What the draft may speak of: the cited sources and, where a tool told something, what the tools are for."""
        tools = (f"{tool.name} {tool.description}" for tool in self.config.tools) if self.told else ()
        return (*self.texts, *tools)

    @property
    def names(self) -> str:
        """The cited sources as the model knows them."""
        return ", ".join(self.draft.source_ids) or "(none)"

    @cached_property
    def flat(self) -> str:
        """The draft's text, flat."""
        return flat(self.draft.text)

    @cached_property
    def claims(self) -> Text:
        """The draft's text, read."""
        return read_claims(self.draft.text, self.language)

    @cached_property
    def sources(self) -> list[Text]:
        """The cited sources, read."""
        return [read_source(text, self.spoken) for text in self.texts]

    @cached_property
    def as_claims(self) -> list[Text]:
        """The cited sources, read as an answer that repeats them is."""
        languages = dict.fromkeys((self.spoken, self.language))
        return [read_as_claims(text, language) for text in self.texts for language in languages]

    @cached_property
    def customer(self) -> Text:
        """All that the customer said, as far as it is remembered."""
        return read_claims(self._customers_words(), self.language)

    @cached_property
    def heard(self) -> str:
        """All that the customer said, flat."""
        return flat(self._customers_words())

    @cached_property
    def customers_words(self) -> frozenset[str]:
        """The customer's words."""
        return frozenset(words_in(self.heard))

    @cached_property
    def people(self) -> frozenset[str]:
        """The words of the business's name, and of the name by which the customer introduced himself."""
        return frozenset((*words_in(flat(self.config.name or "")), *_INTRODUCED.findall(self.heard)))

    @cached_property
    def names_inside(self) -> frozenset[str]:
        """The draft's words with a capital inside a sentence: names."""
        return frozenset(flat(one) for one in _NAMES.findall(self.draft.text))

    @cached_property
    def flat_sources(self) -> str:
        """The cited sources as one flat text."""
        return "\n".join(flat_source(text) for text in self.texts)

    def owners_texts(self) -> Iterator[str]:
        """Every text in which the owner may have put a contact or a link."""
        yield from (self.config.handoff.contact or "", *self.texts)
        yield from (faq.a for faq in self.config.faqs)

    def _customers_words(self) -> str:
        """The newest of what the customer said."""
        earlier = (said.text for said in self.question.context if said.role == "customer")
        return "\n".join((*earlier, *self.question.texts))[-_HEARD_MOST:]
