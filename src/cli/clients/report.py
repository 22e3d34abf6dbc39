"""What a person needs after provisioning: addresses, what to paste into Meta's panel, and what only a person can do."""

import shlex

import click

from src.cli.clients.door import Door
from src.cli.clients.folder import Client

_GRAPH = "https://graph.facebook.com/v26.0"
_META_STEPS = """
Meta asks a person for these, once (docs/clients.md explains each):
  1. An app with the product WhatsApp at developers.facebook.com, live; the business verified, a payment method set.
  2. The number added in WhatsApp Manager, with the code that Meta sends to it.
  3. A system user's token with whatsapp_business_messaging and whatsapp_business_management, and the app's secret."""
_GO_LIVE = """\
  4. Both in a file of mode 0600 (META_ACCESS_TOKEN=…, META_APP_SECRET=…); then this client anew:
       released clients remove {name}
       ./scripts/provision_client.sh {name} {phone} --env FILE --phone-number-id ID{how} --domain HOST"""
_CALLS = """\
  4. The number registered, with a PIN of six digits that you choose, and the account's webhooks sent to this client.
     An app has one default callback; this one is for the WhatsApp Business Account WABA_ID alone:
token() {{ sed -n 's/^META_ACCESS_TOKEN=/Authorization: Bearer /p' {env_file}; }}
curl -X POST {graph}/{number_id}/register -H @<(token) -H 'Content-Type: application/json' \\
  -d '{{"messaging_product": "whatsapp", "pin": "000000"}}'
curl -X POST {graph}/{waba_id}/subscribed_apps -H @<(token) -H 'Content-Type: application/json' -d @- <<'JSON'
{{"override_callback_uri": "{public}/webhook", "verify_token": "{verify_token}"}}
JSON
     For one number of an account that has several:
curl -X POST {graph}/{number_id} -H @<(token) -H 'Content-Type: application/json' -d @- <<'JSON'
{{"webhook_configuration": {{"override_callback_uri": "{public}/webhook", "verify_token": "{verify_token}"}}}}
JSON"""


def report(client: Client) -> None:
    """Prints it. The API key itself is not shown, only where it is."""
    about, env, settings, door = client.about(), client.env(), client.settings(), Door(client)
    agents = [one for one in door.agents() if one["phone_number"] == about["phone_number"]]
    public = settings.public_url or "https://HOST"
    lines = [
        f"\n{client.name} answers at {about['phone_number']}"
        + (" (sandbox mode)" if settings.sandbox_mode else ""),
        "",
        f"  Start page      {door.url}/",
        *([f"  Telephone       {door.url}/sandbox/"] if settings.sandbox_mode else []),
        f"  Webhook         {public}/webhook"
        + ("" if settings.public_url else "   (HOST: choose one with --domain)"),
        *(
            [f"  Your proxy      passes {public} to {door.url}"]
            if about["domain"] and about["kind"] != "docker"
            else []
        ),
        f"  Verify token    {env['META_VERIFY_TOKEN']}",
        f"  API key         API_KEY in {client.env_file}",
        *[f"  Agent           {one['agent_id']}, {one['faqs']} FAQs" for one in agents],
        _META_STEPS,
    ]
    if settings.sandbox_mode:
        how = "" if about["kind"] == "docker" else " --embedded"
        lines.append(_GO_LIVE.format(name=client.name, phone=about["phone_number"], how=how))
    else:
        lines.append(
            _CALLS.format(
                graph=_GRAPH,
                env_file=shlex.quote(str(client.env_file)),
                number_id=settings.phone_number_id or "PHONE_NUMBER_ID",
                waba_id=settings.waba_id or "WABA_ID",
                public=public,
                verify_token=env["META_VERIFY_TOKEN"],
            )
        )
    click.echo("\n".join(lines))
