"""What looks like personal data is found, what only resembles it is not, and no value is ever told."""

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.errors import FalajError
from workloads.lib.data.classify import check, findings, iban, luhn
from workloads.lib.data.column import Column, Schema


def found(values: list, name: str = "a") -> str:
    return "; ".join(map(str, findings(pa.table({name: pa.array(values, pa.string())}))))


@pytest.mark.parametrize(
    ("value", "what"),
    [
        ("call Sara <sara@example.ae> please", "an e-mail address"),
        ("784-1984-1234567-1", "an Emirates ID"),
        ("784198412345674", "an Emirates ID, without dashes"),
        ("AE070331234567890123456", "an IBAN"),
        ("GB82 WEST 1234 5698 7654 32", "an IBAN"),
        ("+971 50 123 4567", "a phone number"),
        ("00971501234567", "a phone number"),
        ("+49 (0)30 1234567", "a phone number"),
    ],
)
def test_one_value_of_a_strong_kind_is_enough(value: str, what: str):
    assert found(["nothing", None, value, "more"]) == f"a looks like {what} by 1 of 3 values"


@pytest.mark.parametrize(
    ("value", "what"),
    [
        ("0501234567", "a mobile number of the UAE"),
        ("4111 1111 1111 1111", "a payment card's number"),
        ("5500000000000004", "a payment card's number"),
        ("192.168.1.20", "an IP address"),
        ("2001:db8::1", "an IP address"),
    ],
)
def test_a_weak_kind_has_to_be_most_of_the_column(value: str, what: str):
    assert found([value, value, "else"]) == f"a looks like {what} by 2 of 3 values"
    assert found([value, "other", "else"]) == ""


@pytest.mark.parametrize(
    "value",
    [
        *("2013-01-01T10:00:00Z", "2013-01-01 10:00:00+04:00", "10:30:00", "1545", "N14228", "-0.1212114970", "1e+10"),
        *("4111 1111 1111 1112", "784198412345675", "GB82 WEST 1234 5698 7654 33", "1.2.3", "AIRBUS", "@home"),
    ],
)
def test_what_only_resembles_it_is_let_through(value: str):
    assert found([value]) == ""


@pytest.mark.parametrize("name", ["firstName", "E-Mail", "home_phone", "Emirates ID", "dob", "SEX", "billingAddress"])
def test_a_header_is_enough(name: str):
    assert found(["x"], name) == f"{name} looks like personal data by its name"
    assert found(["x"], "model_name") == found(["x"], "engine") == found(["x"], "expandable") == ""


def test_only_what_is_neither_declared_nor_cleared_is_refused_and_no_value_is_told():
    columns = (Column("mail", "Mail", "text"), Column("who", "Who", "text", pii="direct"), Column("n", "N", "integer"))
    schema = Schema("t", columns, key=("n",))
    rows = pa.table({"mail": ["a@b.ae"], "who": ["c@d.ae"], "n": ["1"]})
    with pytest.raises(FalajError) as caught:
        check(schema, rows, "a.csv")
    assert caught.value.code == "DAT-012"
    assert "mail looks like" in str(caught.value)
    assert "a@b.ae" not in str(caught.value)
    assert "who" not in caught.value.problem
    check(schema, rows, "a.csv", cleared=("mail",))


@given(st.text("0123456789", min_size=12, max_size=18))
def test_every_number_has_one_check_digit_that_holds(digits: str):
    assert sum(luhn(digits + str(last)) for last in range(10)) == 1


@given(st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=11, max_size=30), st.sampled_from(["AE", "DE", "GB"]))
def test_every_account_has_one_pair_of_check_digits(account: str, country: str):
    assert [iban(f"{country}{pair:02d}{account}") for pair in range(2, 99)].count(True) == 1
