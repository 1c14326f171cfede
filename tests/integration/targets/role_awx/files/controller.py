# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""controller.py PORT-FILE PROJECT-FOLDER LOG: a stand-in for the API of AWX 24.6, enough for the modules of awx.awx.

It is NOT AWX: it keeps objects in memory, runs no job, and knows of permissions only whether a token is the right one.
Names of fields, which of them are required, their types and choices are those of AWX's serializers, in FIELDS. Unlike
AWX, which ignores them, it refuses fields that it does not know, so that a field that AWX would not store is found.
Each request that writes is a line in LOG. It listens on a free port of the loopback and writes that into PORT-FILE.
"""

from __future__ import annotations

import http.server
import json
import pathlib
import re
import sys
import typing as t
import urllib.parse

Object = dict[str, t.Any]
TOKEN = "the-token"
PREFIX = "/api/v2/"

NAMED = {"name": "required text", "description": "text"}
# Per endpoint its fields: text, flag, number, json, one of some words, or the id of an object of >endpoint. As in AWX,
# null means the default.
FIELDS: dict[str, dict[str, str]] = {
    "organizations": {**NAMED, "max_hosts": "number", "default_environment": ">execution_environments"},
    "execution_environments": {
        **NAMED,
        "image": "required text",
        "pull": "|always|missing|never",
        "organization": ">organizations",
        "credential": ">credentials",
    },
    "credential_types": {
        **NAMED,
        "kind": "required cloud|net",
        "inputs": "json",
        "injectors": "json",
        "managed": "flag",
    },
    "credentials": {
        **NAMED,
        "credential_type": "required >credential_types",
        "organization": ">organizations",
        "inputs": "json",
    },
    "projects": {
        **NAMED,
        "organization": ">organizations",
        "scm_type": "|git|svn|insights|archive",
        "scm_url": "text",
        "scm_branch": "text",
        "scm_clean": "flag",
        "scm_update_on_launch": "flag",
        "credential": ">credentials",
    },
    "inventories": {
        **NAMED,
        "organization": "required >organizations",
        "kind": "|smart|constructed",
        "host_filter": "text or null",
        "variables": "text",
    },
    "inventory_sources": {
        **NAMED,
        "inventory": "required >inventories",
        "source": "file|constructed|scm|ec2|gce|azure_rm|vmware|satellite6|openstack|rhv|controller|insights|terraform",
        "source_path": "text",
        "source_project": ">projects",
        "overwrite": "flag",
        "overwrite_vars": "flag",
        "update_on_launch": "flag",
    },
    "job_templates": {
        **NAMED,
        "organization": ">organizations",
        "job_type": "run|check",
        "inventory": ">inventories",
        "project": ">projects",
        "playbook": "text",
        "execution_environment": ">execution_environments",
        "survey_enabled": "flag",
        "allow_simultaneous": "flag",
        "ask_job_type_on_launch": "flag",
        "ask_diff_mode_on_launch": "flag",
    },
    "workflow_job_templates": {**NAMED, "organization": ">organizations", "survey_enabled": "flag"},
    "workflow_job_template_nodes": {
        "identifier": "text",
        "workflow_job_template": "required >workflow_job_templates",
        "unified_job_template": ">job_templates",
        "extra_data": "json",
    },
    "schedules": {
        **NAMED,
        "unified_job_template": "required >job_templates",
        "rrule": "required text",
        "extra_data": "json",
    },
    "notification_templates": {
        **NAMED,
        "organization": "required >organizations",
        "notification_type": "required email|grafana|irc|mattermost|pagerduty|rocketchat|slack|twilio|webhook|awssns",
        "notification_configuration": "json",
    },
    "teams": {**NAMED, "organization": "required >organizations"},
}
# What goes with an object that is deleted: {endpoint: [(endpoint of the other, its field)]}.
CASCADE = {
    "workflow_job_templates": [("workflow_job_template_nodes", "workflow_job_template")],
    "inventories": [("inventory_sources", "inventory")],
    "job_templates": [("schedules", "unified_job_template")],
}
# What a notification of these types must say, and what AWX adds where it is silent. Of other types everything is taken.
NOTIFICATIONS: dict[str, tuple[set[str], Object]] = {
    "email": (
        {"host", "port", "username", "password", "use_tls", "use_ssl", "sender", "recipients"},
        {"timeout": 30},
    ),
    "webhook": (
        {"url", "headers"},
        {"http_method": "POST", "disable_ssl_verification": False, "username": "", "password": ""},
    ),
}
PRIVATE_KEY = re.compile(
    r"\s*(-{4,}) *BEGIN [A-Z ]*PRIVATE KEY *\1.+\1 *END [A-Z ]*PRIVATE KEY *\1", re.DOTALL
)
# Their answers in Python.
QUESTION_TYPES: dict[str, type] = {
    **dict.fromkeys(("text", "textarea", "password", "multiplechoice", "multiselect"), str),
    "integer": int,
    "float": float,
}


class RefusedError(Exception):
    """An answer that is not a success: status and body."""

    def __init__(self, status: int, body: t.Any) -> None:
        super().__init__(body)
        self.status, self.body = status, body


class Store:
    """All objects, and what is associated with them."""

    def __init__(self, project: pathlib.Path) -> None:
        self.project = project
        self.objects: dict[str, dict[int, Object]] = {endpoint: {} for endpoint in FIELDS}
        self.associated: dict[str, list[int]] = {}
        self.surveys: dict[int, Object] = {}
        self.last = 0
        for name, fields in (
            ("Machine", ("username", "ssh_key_data")),
            ("Vault", ("vault_password", "vault_id")),
        ):
            inputs = {"fields": [{"id": field, "secret": field != "username"} for field in fields]}
            self.add("credential_types", {"name": name, "inputs": inputs, "managed": True})

    def add(self, endpoint: str, values: Object) -> Object:
        self.last += 1
        found = {field: default(kind) for field, kind in FIELDS[endpoint].items()}
        found |= {**values, "id": self.last, "url": f"{PREFIX}{endpoint}/{self.last}/"}
        found["type"] = re.sub("ies$", "y", endpoint).removesuffix("s")
        found["related"] = {"survey_spec": f"{found['url']}survey_spec/"}
        found["scm_revision"] = ""
        # As many ids as there are numbers: the role "execute" of an object has a number of its own.
        found["summary_fields"] = {"object_roles": {"execute_role": {"id": self.last + 10000}}}
        self.objects[endpoint][self.last] = found
        return found

    def get(self, endpoint: str, number: int) -> Object:
        try:
            return self.objects[endpoint][number]
        except KeyError:
            raise RefusedError(404, {"detail": "Not found."}) from None

    def search(self, endpoint: str, query: dict[str, str]) -> list[Object]:
        endpoints = ["job_templates"] if endpoint == "unified_job_templates" else [endpoint]
        found = [item for name in endpoints for item in self.objects.get(name, {}).values()]
        return [item for item in found if matches(item, query)]

    def check(self, endpoint: str, values: Object, old: Object | None) -> Object:
        """The values as AWX stores them.

        :raises RefusedError: a field is missing, unknown, or of another type.
        """
        fields = FIELDS[endpoint]
        errors = {name: "not known" for name in values if name not in fields and name != "type"}
        for name, kind in fields.items():
            if name in values:
                errors |= self._check_field(name, kind, values)
            elif old is None and kind.startswith("required"):
                errors[name] = "This field is required."
        errors |= self._check_files(endpoint, values) | self._check_inputs(endpoint, values, old)
        errors |= self._check_answers(endpoint, values, old) | check_notification(values, old)
        if errors:
            raise RefusedError(400, errors)
        return {name: value for name, value in values.items() if name != "type"}

    def _check_field(self, name: str, kind: str, values: Object) -> Object:
        kind = kind.removeprefix("required ")
        value = values[name]
        if kind.startswith(">"):
            known = value is None or value in self.objects[kind[1:]]
            return {} if known else {name: f"no object {value} of {kind[1:]}"}
        if value is None:
            values[name] = default(kind)
            return {}
        kind = kind.removesuffix(" or null")
        types = {"text": str, "flag": bool, "number": int, "json": dict}
        if kind in types:
            return {} if isinstance(value, types[kind]) else {name: f"{value!r} is no {kind}"}
        return {} if value in kind.split("|") else {name: f'"{value}" is not a valid choice.'}

    def _check_files(self, endpoint: str, values: Object) -> Object:
        """What AWX finds in a project that it has fetched."""
        name = {"job_templates": "playbook", "inventory_sources": "source_path"}.get(endpoint, "")
        if name in values and not (self.project / values[name]).is_file():
            return {name: "not found for project."}
        return {}

    def _check_inputs(self, endpoint: str, values: Object, old: Object | None) -> Object:
        if endpoint != "credentials" or not values.get("inputs"):
            return {}
        number = int(values.get("credential_type") or (old or {})["credential_type"])
        fields = self.objects["credential_types"][number]["inputs"]["fields"]
        unknown = set(values["inputs"]) - {field["id"] for field in fields}
        if unknown:
            return {"inputs": f"not known: {sorted(unknown)}"}
        key = values["inputs"].get("ssh_key_data")
        return {"inputs": "Invalid certificate or key"} if key and not PRIVATE_KEY.match(key) else {}

    def _check_answers(self, endpoint: str, values: Object, old: Object | None) -> Object:
        if endpoint not in ("schedules", "workflow_job_template_nodes"):
            return {}
        number = values.get("unified_job_template") or (old or {}).get("unified_job_template")
        spec = self.surveys.get(number or 0, {"spec": []})["spec"]
        answers = values.get("extra_data") or (old or {}).get("extra_data") or {}
        asked = {question["variable"]: question for question in spec}
        wrong = [
            name
            for name, value in answers.items()
            if name not in asked or ("choices" in asked[name] and value not in asked[name]["choices"])
        ]
        if wrong:
            return {"extra_data": f"Variables {wrong} are not allowed on launch."}
        missing = [f"'{name}' value missing" for name in unanswered(spec, answers)]
        # A node gets the workflow's answers.
        return {"variables_needed_to_start": missing} if missing and endpoint == "schedules" else {}

    def delete(self, endpoint: str, number: int) -> None:
        self.get(endpoint, number)
        in_use = endpoint == "credential_types" and self.search(
            "credentials", {"credential_type": str(number)}
        )
        if in_use:
            raise RefusedError(403, {"detail": "Credential types that are in use cannot be deleted"})
        for other, field in CASCADE.get(endpoint, []):
            for item in self.search(other, {field: str(number)}):
                self.delete(other, item["id"])
        del self.objects[endpoint][number]


def default(kind: str) -> t.Any:
    kind = kind.removeprefix("required ")
    if kind.startswith(">") or kind.endswith(" or null"):
        return None
    return {"flag": False, "number": 0, "json": {}}.get(kind, "" if kind == "text" else kind.split("|")[0])


def matches(item: Object, query: dict[str, str]) -> bool:
    """AWX's filters, of which the modules use equality, and `or__` before names that may be numbers."""
    either = {name[4:]: value for name, value in query.items() if name.startswith("or__")}
    every = {name: value for name, value in query.items() if name in item}
    return all(str(item[name]) == value for name, value in every.items()) and (
        not either or any(str(item.get(name)) == value for name, value in either.items())
    )


def check_notification(values: Object, old: Object | None) -> Object:
    """Refuses a configuration that is not complete, and adds AWX's defaults to one that is."""
    given = values.get("notification_configuration")
    kind = values.get("notification_type") or (old or {}).get("notification_type")
    if given is None or kind not in NOTIFICATIONS:
        return {}
    required, defaults = NOTIFICATIONS[kind]
    values["notification_configuration"] = defaults | given
    missing = sorted(required - set(given))
    return {"notification_configuration": f"Missing required fields: {missing}."} if missing else {}


def unanswered(spec: list[Object], answers: Object) -> list[str]:
    """The required variables without an answer. Where nobody fills in a form, AWX does not take the default for one."""
    return [item["variable"] for item in spec if item["required"] and item["variable"] not in answers]


def check_survey(spec: Object) -> None:
    """Refuses what AWX refuses in a survey, with its key `error`."""
    for field, wanted in (("name", str), ("description", str), ("spec", list)):
        if not isinstance(spec.get(field), wanted):
            raise RefusedError(400, {"error": f"Field '{field}' is missing from survey spec."})
    if not spec["spec"]:
        raise RefusedError(400, {"error": "'spec' doesn't contain any items."})
    seen = set()
    for question in spec["spec"]:
        for field in ("type", "question_name", "variable", "required"):
            if not isinstance(question.get(field), bool if field == "required" else str):
                raise RefusedError(400, {"error": f"'{field}' missing from survey question {question}"})
        kind = QUESTION_TYPES.get(question["type"], type(None))
        right = isinstance(question.get("default", kind()), kind) and question["type"] in QUESTION_TYPES
        limits = all(isinstance(question.get(limit, 0), int) for limit in ("min", "max"))
        choices = question.get("choices", [])
        listed = not question["type"].startswith("multi") or (
            choices and question.get("default", choices[0]) in choices
        )
        if not (right and limits and listed) or question["variable"] in seen:
            raise RefusedError(400, {"error": f"survey question {question}"})
        seen.add(question["variable"])


def shown(endpoint: str, item: Object, store: Store) -> Object:
    """AWX tells no secret."""
    if endpoint == "notification_templates" and item["notification_configuration"].get("password"):
        hidden = {**item["notification_configuration"], "password": "$encrypted$"}
        return {**item, "notification_configuration": hidden}
    if endpoint != "credentials":
        return item
    fields = store.get("credential_types", item["credential_type"])["inputs"]["fields"]
    secret = {field["id"] for field in fields if field.get("secret")}
    inputs = {name: "$encrypted$" if name in secret else value for name, value in item["inputs"].items()}
    return {**item, "inputs": inputs}


class Handler(http.server.BaseHTTPRequestHandler):
    """One request."""

    store: Store
    log: pathlib.Path

    def answer(self, status: int, body: t.Any = None) -> None:
        data = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("X-API-Product-Name", "AWX")
        self.send_header("X-API-Product-Version", "24.6.1")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def handle_one(self) -> None:
        url = urllib.parse.urlsplit(self.path)
        parts = url.path.removeprefix(PREFIX).strip("/").split("/")
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else {}
        if self.command != "GET":
            with self.log.open("a", encoding="utf-8") as log:
                log.write(f"{self.command} {url.path}\n")
        try:
            if parts[0] == "tokens":
                self.answer(204 if len(parts) > 1 else 201, {"id": 1, "token": TOKEN})
            elif self.headers.get("Authorization") not in (f"Bearer {TOKEN}", "Basic YWRtaW46c2VjcmV0"):
                self.answer(401, {"detail": "Authentication credentials were not provided."})
            else:
                self.answer(*self.route(parts, dict(urllib.parse.parse_qsl(url.query)), body))
        except RefusedError as error:
            self.answer(error.status, error.body)

    def route(self, parts: list[str], query: dict[str, str], body: Object) -> tuple[int, t.Any]:
        if len(parts) == 1:
            return self.collection(parts[0], query, body)
        number = int(parts[1])
        if len(parts) == 2:
            return self.single(parts[0], number, body)
        if parts[2] == "survey_spec":
            return self.survey(parts[0], number, body)
        return self.association("/".join(parts), parts[2], body)

    def collection(self, endpoint: str, query: dict[str, str], body: Object) -> tuple[int, t.Any]:
        if self.command == "POST":
            return 201, self.store.add(endpoint, self.store.check(endpoint, body, None))
        found = [shown(endpoint, item, self.store) for item in self.store.search(endpoint, query)]
        return 200, {"count": len(found), "next": None, "previous": None, "results": found}

    def single(self, endpoint: str, number: int, body: Object) -> tuple[int, t.Any]:
        item = self.store.get(endpoint, number)
        if self.command == "PATCH":
            item.update(self.store.check(endpoint, body, item))
        if self.command == "DELETE":
            self.store.delete(endpoint, number)
            # AWX deletes inventories later.
            return (202, {}) if endpoint == "inventories" else (204, None)
        return 200, shown(endpoint, item, self.store)

    def survey(self, endpoint: str, number: int, body: Object) -> tuple[int, t.Any]:
        self.store.get(endpoint, number)
        if self.command == "POST":
            check_survey(body)
            self.store.surveys[number] = body
        return 200, self.store.surveys.get(number, {})

    def association(self, path: str, kind: str, body: Object) -> tuple[int, t.Any]:
        ids = self.store.associated.setdefault(path, [])
        if self.command == "POST":
            endpoint = "workflow_job_template_nodes" if re.search("_nodes$", kind) else kind
            self.store.get("notification_templates" if kind.startswith("notif") else endpoint, body["id"])
            (ids.remove if body.get("disassociate") else ids.append)(body["id"])
            return 204, None
        return 200, {"count": len(ids), "next": None, "results": [{"id": number} for number in ids]}

    do_GET = do_POST = do_PATCH = do_DELETE = handle_one  # noqa: N815

    def log_message(self, format: str, *args: t.Any) -> None:  # noqa: A002
        """Says nothing."""


def main() -> None:
    port_file, project, log = (pathlib.Path(argument) for argument in sys.argv[1:])
    Handler.store, Handler.log = Store(project), log
    log.touch()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    port_file.write_text(str(server.server_port), encoding="utf-8")
    server.serve_forever()


if __name__ == "__main__":
    main()
