"""The exceptions of LookupEvents, in the words of the AWS CloudTrail API Reference."""

from __future__ import annotations

from moto.core.exceptions import JsonRESTError


class LookupEventsError(JsonRESTError):
    """A LookupEvents request that cannot be answered."""

    code = 400
    message = ""

    def __init__(self) -> None:
        super().__init__(type(self).__name__, self.message)


class InvalidEventCategoryException(LookupEventsError):
    message = (
        "Occurs if an event category that is not valid is specified as a value of EventCategory."
    )


class InvalidLookupAttributesException(LookupEventsError):
    message = "Occurs when a lookup attribute is specified that is not valid."


class InvalidMaxResultsException(LookupEventsError):
    message = "This exception is thrown if the limit specified is not valid."


class InvalidNextTokenException(LookupEventsError):
    message = (
        "A token that is not valid, or a token that was previously used in a request with "
        "different parameters. This exception is thrown if the token is not valid."
    )


class InvalidTimeRangeException(LookupEventsError):
    message = (
        "Occurs if the timestamp values are not valid. Either the start time occurs after the end "
        "time, or the time range is outside the range of possible values."
    )
