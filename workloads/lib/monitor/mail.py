"""Messages by e-mail. Unless the server is this machine, nothing is said before TLS is up."""

import smtplib
import ssl
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from infra.errors import FalajError
from workloads.lib.monitor.channel import Refused, loopback, secret
from workloads.lib.monitor.message import Message

Address = Annotated[str, StringConstraints(pattern=r"^[^@\s<>,;:]+@[^@\s<>,;:]+$")]


class Mail(BaseModel):
    """Through which server, from whom, to whom."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str
    port: int = Field(default=587, ge=1, le=65535)
    sender: Address
    to: Annotated[tuple[Address, ...], Field(min_length=1)]
    user: str = ""
    password_file: Path | None = None
    tls: bool = True
    """STARTTLS; may be left out for a server on this machine only."""
    ca_file: Path | None = None
    """Whose certificates the server's must come from; the system's by default."""
    seconds: float = Field(default=10, gt=0)

    def checked(self) -> Self:
        """INC-008 for plain text to another machine."""
        if not self.tls and not loopback(self.host):
            raise FalajError("INC-008", f"mail {self.host}", "it would be sent plain text; set tls")
        return self

    def send(self, message: Message, to: str) -> None:
        """Hand it to the server. INC-007 when that is down; Refused (an INC-007) when it will not have it."""
        place = f"mail {self.host}:{self.port}"
        try:
            with smtplib.SMTP(self.checked().host, self.port, timeout=self.seconds) as server:
                if self.tls:
                    server.starttls(context=ssl.create_default_context(cafile=self.ca_file))
                if self.user and self.password_file:
                    server.login(self.user, secret(self.password_file).decode())
                server.send_message(self._written(message, to))
        except smtplib.SMTPResponseException as error:
            kind = Refused if error.smtp_code >= 500 else FalajError
            raise kind("INC-007", place, f"it answered {error.smtp_code}") from error
        except smtplib.SMTPRecipientsRefused as error:
            code = max(code for code, _ in error.recipients.values())
            raise (Refused if code >= 500 else FalajError)("INC-007", place, f"it answered {code}") from error
        except (OSError, smtplib.SMTPException) as error:
            raise FalajError("INC-007", place, f"{type(error).__name__}: {error}"[:200]) from error

    def _written(self, message: Message, to: str) -> EmailMessage:
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = self.sender, to, message.subject
        mail["Message-ID"] = f"<{message.id}@{self.sender.rpartition('@')[2]}>"
        mail["Date"] = format_datetime(message.since)
        mail.set_content(message.text)
        return mail
