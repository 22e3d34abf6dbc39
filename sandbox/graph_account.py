"""The Graph API of the account: which app gets its webhooks."""

from starlette.requests import Request
from starlette.responses import Response

from sandbox import guards
from sandbox.answers import Answer
from sandbox.guards import APP_ID, APP_NAME

_APP = {"id": APP_ID, "name": APP_NAME, "link": "https://www.facebook.com/games/?app_id=" + APP_ID}


async def get_subscribed_apps(request: Request) -> Response:
    """The one app of this sandbox, which gets all of the account's webhooks."""
    return guards.refusal_of_account(request) or Answer({"data": [{"whatsapp_business_api_data": _APP}]})


async def post_subscribed_apps(request: Request) -> Response:
    """Subscribes the app, which it is already. Safe to call twice."""
    return guards.refusal_of_account(request) or Answer({"success": True})
