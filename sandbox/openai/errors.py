"""OpenAI's errors, as the body of a refused request."""

from collections.abc import Mapping

from starlette.responses import Response

from sandbox.answers import Answer


class ApiError(Exception):
    """A request that is answered with one of OpenAI's errors."""

    def __init__(
        self,
        status: int,
        code: str | None,
        message: str,
        *,
        kind: str = "invalid_request_error",
        param: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self._error = {"message": message, "type": kind, "param": param, "code": code}
        self._headers = headers

    def response(self) -> Response:
        """The envelope, with its status and headers."""
        return Answer({"error": self._error}, self.status, self._headers)


def unauthorized(given: str) -> ApiError:
    """A key that is missing or wrong."""
    if not given:
        return ApiError(
            401, None, "You didn't provide an API key. You need to provide it in an Authorization header."
        )
    hidden = f"{given[:3]}***{given[-2:]}" if len(given) > 8 else "***"
    return ApiError(401, "invalid_api_key", f"Incorrect API key provided: {hidden}.")


def unknown_model(model: str) -> ApiError:
    """A model that is not there, or not for this key."""
    message = f"The model `{model}` does not exist or you do not have access to it."
    return ApiError(404, "model_not_found", message)


def missing(param: str) -> ApiError:
    """A field that must be there."""
    return ApiError(400, "missing_required_parameter", f"Missing required parameter: '{param}'.", param=param)


def unknown(param: str) -> ApiError:
    """A field that the endpoint does not have."""
    return ApiError(400, "unknown_parameter", f"Unknown parameter: '{param}'.", param=param)


def wrong(param: str, why: str) -> ApiError:
    """A field with a value that it cannot have."""
    return ApiError(400, "invalid_value", f"Invalid value for '{param}': {why}.", param=param)
