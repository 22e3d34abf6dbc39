"""FAQs in YAML. Its library takes 2 MB and is seldom needed: only `faq_files` imports this, and only then."""

from typing import Any

import yaml

from src.accounts.faq_formats import Entries, Found, Wrong, known_fields


def read_yaml(text: str) -> Entries:
    """The FAQs of a list, or of the list `faqs` in a mapping; every scalar is text, so 9:30 stays 9:30."""
    try:
        whole = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        yield Wrong(mark.line + 1 if mark else 1, "yaml")
        return
    except (yaml.YAMLError, ValueError, OverflowError, RecursionError):  # such as the escape \UFFFFFFFF
        yield Wrong(1, "yaml")
        return
    if isinstance(whole, yaml.MappingNode):
        whole = next((value for key, value in whole.value if _scalar(key) == "faqs"), whole)
    if not isinstance(whole, yaml.SequenceNode):
        yield Wrong(1, "no_list")
        return
    for node in whole.value:
        line = node.start_mark.line + 1
        if isinstance(node, yaml.MappingNode):
            yield Found(line, known_fields((str(_scalar(key)), _scalar(value)) for key, value in node.value))
        else:
            yield Wrong(line, "no_fields")


def _scalar(node: yaml.Node) -> Any:
    """Text, a list of texts, or None for what is neither."""
    if isinstance(node, yaml.ScalarNode):
        return None if node.tag == "tag:yaml.org,2002:null" else node.value
    if isinstance(node, yaml.SequenceNode):
        return [part.value for part in node.value if isinstance(part, yaml.ScalarNode)]
    return None
