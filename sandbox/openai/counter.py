"""Counts tokens, and remembers prompts as OpenAI's cache does: an equal beginning is not read twice."""

from collections import OrderedDict

_LEAST, _STEP = 1024, 128  # OpenAI's guide, Prompt caching: from 1,024 tokens, in steps of 128
_KEPT = 200  # prompts
_CHARACTERS = 4  # of a token


def tokens(text: str) -> int:
    """About as many tokens as a model would count."""
    return -(-len(text) // _CHARACTERS)


class Cache:
    """The newest prompt for each model and cache key."""

    def __init__(self) -> None:
        self._prompts: OrderedDict[tuple[str, str], str] = OrderedDict()

    def cached(self, model: str, key: str, prompt: str) -> int:
        """How many tokens of the prompt's beginning were in the last one; the prompt takes its place."""
        before = self._prompts.pop((model, key), "")
        self._prompts[model, key] = prompt
        if len(self._prompts) > _KEPT:
            self._prompts.popitem(last=False)
        shared = _shared(before, prompt) // _CHARACTERS
        return shared // _STEP * _STEP if shared >= _LEAST else 0


def _shared(one: str, other: str) -> int:
    """How many characters two texts have in common from their beginning on."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((place for place, (a, b) in pairs if a != b), min(len(one), len(other)))
