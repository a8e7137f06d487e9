"""How key_mgmt_util prints return codes, of a command and of each node, and lists of keys.

The words of before 3.2 are those of the AWS CloudHSM User Guide. Those of 3.2 and later are in
transcripts that people have published, as are the lines of ``findKey`` in scripts that read them;
they are those of Cavium's own Cfm3Util, from which the tool comes, and which Cavium has published.
The numbers of a wrong password and of a key that is not deleted are those that the scripts of
Yolt-group/aws-cloudhsm-scripts wait for, which were written for 3.4.4.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from moto_cks.hsm import ReturnCode
from moto_cks.tools.client_sdk import Wording
from moto_cks.tools.return_codes import RESULTS, SUCCESS, Result

HANDLES_IN_A_LINE = 15


@dataclass(frozen=True)
class Words:
    """What is worded in one way or another.

    Attributes:
        indent: what stands before most lines.
        left: whether some commands begin at the left, without a line between.
        status: the heading of what each node returned.
        node: one of these lines: ``number``, ``code`` and ``text``.
        total: how many keys are found: ``count``.
        keys: which these are, in the lines after it: ``last`` and ``handles``.
        keys_in_a_line: how many handles stand in a line; ``None`` for all.
        undeleted: the function that says that there is no key to be deleted.
        codes: the number that a function shows, where it is not that of the HSM: by function, and
            by the number of the HSM; ``None`` for any.
    """

    indent: str
    left: bool
    status: str
    node: str
    total: str
    keys: str
    keys_in_a_line: int | None
    undeleted: str
    codes: Mapping[tuple[str, int | None], int] = field(default_factory=dict)

    def returned(self, call: str, result: Result, *, left: bool = False) -> str:
        """What a function of the client library returned.

        Args:
            call: the function.
            result: what it returned.
            left: whether the command is one of those that begin at the left.
        """
        before = "" if left and self.left else f"\n{self.indent}"
        return f"{before}{call} returned: 0x{self._number(call, result):02x} : {result.text}\n"

    def _number(self, call: str, result: Result) -> int:
        if result is SUCCESS:
            return result.number
        of_any = self.codes.get((call, None), result.number)
        return self.codes.get((call, result.number), of_any)

    def cluster_status(self, nodes: Mapping[int, Result], *, left: bool = False) -> str:
        """What each node returned, by its number."""
        indent = "" if left and self.left else self.indent
        lines = "".join(
            f"{indent}{self.node.format(number=number, code=result.number, text=result.text)}\n"
            for number, result in nodes.items()
        )
        return f"\n{indent}{self.status}\n{lines}"

    def found(self, handles: Sequence[int]) -> str:
        """The keys that ``findKey`` has found."""
        total = self.total.format(count=len(handles))
        if not handles:
            return total
        size = self.keys_in_a_line or len(handles)
        lines = [
            ", ".join(map(str, handles[start : start + size]))
            for start in range(0, len(handles), size)
        ]
        listed = f", \n{self.indent}".join(lines)
        return total + self.keys.format(last=len(handles) - 1, handles=listed)

    def line(self, text: str) -> str:
        """Another line of a command, with one before it."""
        return f"\n{self.indent}{text}\n"


WORDS: Mapping[Wording, Words] = {
    Wording.UNTIL_3_1: Words(
        indent=" " * 8,
        left=True,
        status="Cluster Error Status",
        node="Node id {number} and err state 0x{code:08x} : {text}",
        total="\nTotal number of keys present {count}\n",
        keys="\n number of keys matched from start index 0::{last}\n{handles}\n",
        keys_in_a_line=None,
        undeleted="Cfm3FindKey",
    ),
    Wording.SINCE_3_2: Words(
        indent="\t",
        left=False,
        status="Cluster Status:",
        node="Node id {number} status: 0x{code:08x} : {text}",
        total="\n\tTotal number of keys present: {count}\n",
        keys=(
            "\n\tNumber of matching keys from start index 0::{last}\n"
            "\n\tHandles of matching keys:\n\t{handles}\n"
        ),
        keys_in_a_line=HANDLES_IN_A_LINE,
        undeleted="Cfm3DeleteKey",
        codes={
            ("Cfm3LoginHSM", RESULTS[ReturnCode.AUTHENTICATION_FAILED].number): 0x40000049,
            ("Cfm3DeleteKey", None): 0x30000080,
        },
    ),
}
