"""Models that break the law: they invent, obey the customer, refuse, are cut off, or do not speak JSON."""

import json
import re
import zlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sandbox.openai import lawful, shape, words
from sandbox.openai.asked import Said, Talk
from sandbox.openai.rules import Rule
from sandbox.store import dumps

Json = dict[str, Any]

UNHEARD_OF = "faq_unheard_of"
LINK = "https://offers.example.net/today"
_SECRETS = re.compile(
    r"instruc|instruç|prompt|sistema|system|regla|regra|rules|canary|marker|marcador|secret|segredo", re.I
)
_OBJECT = re.compile(r"\{.*\}", re.DOTALL)


def said(talk: Talk, rule: Rule | None) -> Said:
    """What the model says, as the rule orders; without a rule it is lawful."""
    act = "echo_faq" if rule is None else rule.act
    if act in ACTS and rule is not None:
        return ACTS[act](talk, rule)
    return _spoken(talk, lawful.content(talk))


def _spoken(talk: Talk, content: Json) -> Said:
    """A content as a model speaks it: as JSON that keeps to the schema; as plain text where none was asked for."""
    if talk.schema is None:
        return Said(str(content["answer"]) or "This is the sandbox's model.")
    return Said(dumps(shape.keeping(talk.schema, content)))


def _answering(talk: Talk) -> Json:
    """A lawful content; an answer from any FAQ where the law has none."""
    content = lawful.content(talk)
    faqs = lawful.faqs_of(talk)
    if content["decision"] == "answer" or not faqs:
        return content
    any_faq = faqs[zlib.crc32(lawful.customer_of(talk).encode("utf-8", "replace")) % len(faqs)]
    language = content["language"]
    return shape.content("answer", language, answer=any_faq.answer, quotes={any_faq.id: any_faq.answer})


def _invent_number(talk: Talk, _rule: Rule) -> Said:
    content = _answering(talk)
    number = next(one for one in range(4837, 9999) if str(one) not in talk.whole)
    return _spoken(
        talk, content | {"decision": "answer", "answer": f"{content['answer']} ({number} €)".strip()}
    )


def _invent_id(talk: Talk, _rule: Rule) -> Said:
    content = _answering(talk)
    made = shape.content(
        "answer", content["language"], answer=content["answer"], quotes={UNHEARD_OF: content["answer"]}
    )
    return _spoken(talk, made)


def _invent_link(talk: Talk, _rule: Rule) -> Said:
    content = _answering(talk)
    return _spoken(talk, content | {"decision": "answer", "answer": f"{content['answer']} {LINK}".strip()})


def _obey(talk: Talk, _rule: Rule) -> Said:
    """Does whatever the customer's text asks for, and covers it with a real FAQ and words that it does not hold."""
    wanted = lawful.customer_of(talk)
    tool = next((name for name in talk.functions if name in wanted), None)
    if tool is not None:
        given = _OBJECT.search(wanted)
        return Said(call=(tool, given[0] if given else "{}"))
    answer = f"{wanted}\n{talk.instructions}" if _SECRETS.search(wanted) else wanted
    faqs = lawful.faqs_of(talk)
    source = faqs[zlib.crc32(wanted.encode("utf-8", "replace")) % len(faqs)].id if faqs else UNHEARD_OF
    return _spoken(
        talk, shape.content("answer", words.language(wanted), answer=answer, quotes={source: wanted})
    )


def _reply(_talk: Talk, rule: Rule) -> Said:
    return Said(rule.text if rule.content is None else dumps(rule.content))


def _refuse(_talk: Talk, _rule: Rule) -> Said:
    return Said(refusal="I'm sorry, but I can't help with that.")


def _cut_off(talk: Talk, _rule: Rule) -> Said:
    whole = _spoken(talk, _answering(talk))
    return replace(whole, text=(whole.text or "")[: len(whole.text or "") // 2], ended="cut_off")


def _malformed(_talk: Talk, rule: Rule) -> Said:
    return Said(rule.text or 'Of course! Here is the answer: {"decision": "answer", and')


def _wish(_talk: Talk, rule: Rule) -> Said:
    return Said(call=(rule.name or "", json.dumps(rule.arguments or {})))


ACTS: dict[str, Callable[[Talk, Rule], Said]] = {
    "invent_number": _invent_number,
    "invent_id": _invent_id,
    "invent_link": _invent_link,
    "obey": _obey,
    "reply": _reply,
    "refuse": _refuse,
    "cut_off": _cut_off,
    "failed": lambda _talk, _rule: Said(ended="failed"),
    "malformed": _malformed,
    "empty": lambda _talk, _rule: Said(ended="empty"),
    "wish": _wish,
}
