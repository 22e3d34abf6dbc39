"""Meta's errors: as the body of a refused request, and as the reason in a `failed` status."""

from typing import Any

from sandbox.ids import trace_id

HREF = "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/"

# code: (HTTP status, title), from Meta's page "Cloud API error codes"; any other code is a 400.
KNOWN: dict[int, tuple[int, str]] = {
    0: (401, "AuthException"),
    1: (400, "An unknown error occurred"),
    2: (503, "Service temporarily unavailable"),
    3: (500, "API Method"),
    4: (400, "Application request limit reached"),
    10: (403, "Application does not have permission for this action"),
    33: (400, "Parameter value is not valid"),
    100: (400, "Invalid parameter"),
    104: (401, "An access token is required to request this resource."),
    190: (401, "Invalid OAuth access token - Cannot parse access token"),
    200: (403, "Permissions error"),
    368: (403, "Temporarily blocked for policies violations"),
    80007: (400, "Rate limit issues"),
    130403: (400, "Recipient is blocked by the business"),
    130429: (400, "Rate limit hit"),
    130472: (400, "User's number is part of an experiment"),
    130497: (403, "Business account is restricted from messaging users in this country."),
    131000: (500, "Something went wrong"),
    131005: (403, "Access denied"),
    131008: (400, "Required parameter is missing"),
    131009: (400, "Parameter value is not valid"),
    131016: (500, "Service unavailable"),
    131021: (400, "Recipient cannot be sender"),
    131026: (400, "Message undeliverable"),
    131031: (403, "Business Account locked"),
    131042: (400, "Business eligibility payment issue"),
    131045: (500, "Incorrect certificate"),
    131047: (400, "Re-engagement message"),
    131048: (400, "Spam Rate limit hit"),
    131049: (400, "This message was not delivered to maintain healthy ecosystem engagement."),
    131050: (400, "User has stopped marketing messages from this business"),
    131051: (400, "Unsupported message type"),
    131053: (400, "Media upload error"),
    131056: (400, "(Business Account, Consumer Account) pair rate limit hit"),
    131057: (500, "Account in maintenance mode"),
    133010: (400, "Phone number not registered"),
}

_DETAILS = {
    130429: "Cloud API message throughput has been reached.",
    131026: "Message Undeliverable.",
    131047: "Message failed to send because more than 24 hours have passed since the customer last replied "
    "to this number.",
    131056: "Too many messages sent from this phone number to the same recipient in a short period of time.",
}


class GraphError(Exception):
    """A request that is answered with one of Meta's errors; `message` replaces the code's usual text."""

    def __init__(
        self,
        code: int,
        details: str | None = None,
        *,
        message: str | None = None,
        subcode: int | None = None,
        http_status: int | None = None,
    ) -> None:
        status, title = KNOWN.get(code, (400, "Unknown error"))
        super().__init__(f"{code} {title}")
        self.code = code
        self.http_status = http_status or status
        self._message = message or (title if code == 190 else f"(#{code}) {title}")
        self._details = details or _DETAILS.get(code)
        self._subcode = subcode

    def body(self) -> dict[str, Any]:
        """The envelope of a Graph API error."""
        kind = "GraphMethodException" if self._subcode == 33 else "OAuthException"
        error: dict[str, Any] = {"message": self._message, "type": kind, "code": self.code}
        if self._details is not None:
            error["error_data"] = {"messaging_product": "whatsapp", "details": self._details}
        if self._subcode is not None:
            error["error_subcode"] = self._subcode
        if self.code in (1, 2):
            error["is_transient"] = True
        return {"error": error | {"fbtrace_id": trace_id()}}


def unknown_object(identifier: str, method: str) -> GraphError:
    """What the Graph API says of an id that it does not know."""
    return GraphError(
        100,
        subcode=33,
        message=f"Unsupported {method.lower()} request. Object with ID '{identifier}' does not exist, cannot "
        "be loaded due to missing permissions, or does not support this operation. Please read the Graph API "
        "documentation at https://developers.facebook.com/docs/graph-api",
    )


def failure(code: int, details: str | None = None) -> dict[str, Any]:
    """One entry of a failed status' `errors`."""
    title = KNOWN.get(code, (400, "Unknown error"))[1]
    return {
        "code": code,
        "title": title,
        "message": title,
        "error_data": {"details": details or _DETAILS.get(code, title)},
        "href": HREF,
    }
