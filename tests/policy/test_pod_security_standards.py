"""The Pod Security Standards as a table, and every pod around its boundaries judged by it.

The table is transcribed from https://kubernetes.io/docs/concepts/security/pod-security-standards/ and the version
notes of its reference implementation, k8s.io/pod-security-admission (policy/check_*.go, for 1.37). What is expected
comes from the table alone. Each pod is sound by the restricted profile but for the one value that is tried, so that
every control that finds something else is wrong too; and where it is found is compared as well.
"""

import contextlib
import re
from dataclasses import dataclass, field
from typing import Any

import pytest
from policy.policy_support import ENGINES, document

from auditor.assets import asset_folder
from auditor.errors import ConfigurationError
from auditor.model import Outcome
from auditor.policy.judge import Judge, JudgeSpec
from auditor.policy.library import load_library
from auditor.policy.opa_server import running_server

VERSIONS = range(25, 38)
"""The minor versions of Kubernetes 1 whose standards are known."""

# --- the table ------------------------------------------------------------------------------------

POD, CONTAINER, ANNOTATION = "pod", "container", "annotation"
UNSET = object()
"""The field is not there at all."""


@dataclass(frozen=True)
class Row:
    """One restricted field of one control.

    `allowed`, `restricted` and `baseline` are the values that no profile, only the restricted one, and both forbid.
    `allowed_from` are values that both forbid until the minor version, and none from it on. Before `since` the control
    is not there. `user_namespace`: from 1.35 on, `hostUsers: false` lifts the control from this profile. `linux_only`: a pod of Windows may leave the field out.
    """

    control: str
    scopes: tuple[str, ...]
    path: str
    allowed: tuple[Any, ...] = ()
    restricted: tuple[Any, ...] = ()
    baseline: tuple[Any, ...] = ()
    allowed_from: tuple[tuple[Any, int], ...] = ()
    since: int = 0
    user_namespace: tuple[str, ...] = ()
    linux_only: bool = False


BASELINE_CAPABILITIES = (
    "AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "SETFCAP",
    "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT",
)  # fmt: skip

SAFE_SYSCTLS = (
    ("kernel.shm_rmid_forced", 0),
    ("net.ipv4.ip_local_port_range", 0),
    ("net.ipv4.ip_unprivileged_port_start", 0),
    ("net.ipv4.tcp_syncookies", 0),
    ("net.ipv4.ping_group_range", 0),
    ("net.ipv4.ip_local_reserved_ports", 27),
    ("net.ipv4.tcp_keepalive_time", 29),
    ("net.ipv4.tcp_fin_timeout", 29),
    ("net.ipv4.tcp_keepalive_intvl", 29),
    ("net.ipv4.tcp_keepalive_probes", 29),
    ("net.ipv4.tcp_rmem", 32),
    ("net.ipv4.tcp_wmem", 32),
    ("net.ipv4.tcp_slow_start_after_idle", 37),
    ("net.ipv4.tcp_notsent_lowat", 37),
)

OTHER_SYSCTLS = ("kernel.msgmax", "net.core.somaxconn", "net/ipv4/tcp_syncookies", "vm.swappiness")

RESTRICTED_VOLUMES = (
    "configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "image", "persistentVolumeClaim", "projected",
    "secret",
)  # fmt: skip

OTHER_VOLUMES = (
    "awsElasticBlockStore", "azureDisk", "azureFile", "cephfs", "cinder", "fc", "flexVolume", "flocker",
    "gcePersistentDisk", "gitRepo", "glusterfs", "iscsi", "nfs", "photonPersistentDisk", "portworxVolume", "quobyte",
    "rbd", "scaleIO", "storageos", "vsphereVolume",
)  # fmt: skip

PROBES = tuple(
    f"{check}.{action}.host"
    for check in (
        "livenessProbe",
        "readinessProbe",
        "startupProbe",
        "lifecycle.postStart",
        "lifecycle.preStop",
    )
    for action in ("httpGet", "tcpSocket")
)

ON, OFF = True, False
NOTHING = (UNSET, None)

TABLE = (
    # Baseline
    Row("HostProcess", (POD, CONTAINER), "securityContext.windowsOptions.hostProcess", (*NOTHING, OFF), (), (ON,)),
    *(Row("Host Namespaces", (POD,), name, (*NOTHING, OFF), (), (ON,)) for name in ("hostNetwork", "hostPID", "hostIPC")),
    Row("Privileged Containers", (CONTAINER,), "securityContext.privileged", (*NOTHING, OFF), (), (ON,)),
    Row(
        "Capabilities", (CONTAINER,), "securityContext.capabilities.add",
        (*NOTHING, [], ["NET_BIND_SERVICE"]),
        tuple([name] for name in BASELINE_CAPABILITIES if name != "NET_BIND_SERVICE"),
        (["NET_RAW"], ["SYS_ADMIN"], ["ALL"], ["CAP_CHOWN"], ["chown"], ["CHOWN", "BPF"]),
    ),
    Row("HostPath Volumes", (POD,), "volumes[name=data].hostPath", (None,), (), ({"path": "/"}, {})),
    Row("Host Ports", (CONTAINER,), "ports[name=http].hostPort", (*NOTHING, 0), (), (1, 8080, 65535)),
    *(
        Row("Host Probes / Lifecycle Hooks (v1.34+)", (CONTAINER,), path, ("",), (), ("10.0.0.1",), since=34) for path in PROBES
    ),
    Row("Host Probes / Lifecycle Hooks (v1.34+)", (CONTAINER,), PROBES[0], NOTHING, (), ("127.0.0.1",), since=34),
    Row(
        "AppArmor", (POD, CONTAINER), "securityContext.appArmorProfile",
        (*NOTHING, {"type": "RuntimeDefault"}, {"type": "Localhost", "localhostProfile": "web"}), (),
        ({"type": "Unconfined"}, {"type": "runtime/default"}, {}),
    ),
    Row(
        "AppArmor", (ANNOTATION,), "container.apparmor.security.beta.kubernetes.io/main",
        (UNSET, "", "runtime/default", "localhost/web", "localhost/"), (), ("unconfined", "RuntimeDefault", "other"),
    ),
    Row(
        "SELinux", (POD, CONTAINER), "securityContext.seLinuxOptions.type",
        (*NOTHING, "", "container_t", "container_init_t", "container_kvm_t"), (), ("spc_t", "unconfined_t"),
        (("container_engine_t", 31),),
    ),
    *(
        Row("SELinux", (POD, CONTAINER), f"securityContext.seLinuxOptions.{name}", (*NOTHING, ""), (), ("system_u",))
        for name in ("user", "role")
    ),
    Row("SELinux", (POD, CONTAINER), "securityContext.seLinuxOptions.level", (*NOTHING, "s0:c1,c2")),
    Row(
        "/proc Mount Type", (CONTAINER,), "securityContext.procMount", (*NOTHING, "Default"), (), ("Unmasked",),
        user_namespace=("baseline",),
    ),
    *(
        Row("Sysctls", (POD,), f"securityContext.sysctls[name={name}]", (UNSET,), allowed_from=(({"value": "1"}, first),))
        for name, first in SAFE_SYSCTLS
    ),
    *(
        Row("Sysctls", (POD,), f"securityContext.sysctls[name={name}]", (UNSET,), (), ({"value": "1"},))
        for name in OTHER_SYSCTLS
    ),
    # Both: where a profile is named, and where none is. The pod of these rows names RuntimeDefault.
    Row(
        "Seccomp", (CONTAINER,), "securityContext.seccompProfile",
        (*NOTHING, {"type": "RuntimeDefault"}, {"type": "Localhost", "localhostProfile": "web"}), (),
        ({"type": "Unconfined"}, {"type": "runtime/default"}, {}),
    ),
    # Restricted
    *(Row("Volume Types", (POD,), f"volumes[name=data].{name}", ({},)) for name in RESTRICTED_VOLUMES),
    *(Row("Volume Types", (POD,), f"volumes[name=data].{name}", (), ({},)) for name in OTHER_VOLUMES),
    Row("Volume Types", (POD,), "volumes[name=data].nfs", NOTHING),
    Row(
        "Privilege Escalation (v1.8+)", (CONTAINER,), "securityContext.allowPrivilegeEscalation", (OFF,), (*NOTHING, ON),
        linux_only=True,
    ),
    Row(
        "Running as Non-root", (CONTAINER,), "securityContext.runAsNonRoot", (*NOTHING, ON), (OFF,),
        user_namespace=("restricted",),
    ),
    Row(
        "Running as Non-root", (POD,), "securityContext.runAsNonRoot", (ON,), (OFF,),
        user_namespace=("restricted",),
    ),
    Row(
        "Running as Non-root user (v1.23+)", (POD, CONTAINER), "securityContext.runAsUser", (*NOTHING, 1, 65534), (0,),
        user_namespace=("restricted",),
    ),
    Row(
        "Capabilities (v1.22+)", (CONTAINER,), "securityContext.capabilities.drop",
        (["ALL"], ["NET_RAW", "ALL"]), (*NOTHING, [], ["NET_RAW"], ["all"], ["CAP_ALL"]), linux_only=True,
    ),
)  # fmt: skip

# What a container runs as by its own value (across) and its pod's (down): the standards' notes on leaving fields out.
# "-" is left out. A pod that says the wrong thing is forbidden whatever its containers say.
PRECEDENCE = {
    "runAsNonRoot": (("-", True, False), {
        "-":   ("restricted", "allowed", "restricted"),
        True:  ("allowed", "allowed", "restricted"),
        False: ("restricted", "restricted", "restricted"),
    }),
    "seccompProfile": (("-", "RuntimeDefault", "Localhost", "Unconfined"), {
        "-":              ("restricted", "allowed", "allowed", "baseline"),
        "RuntimeDefault": ("allowed", "allowed", "allowed", "baseline"),
        "Localhost":      ("allowed", "allowed", "allowed", "baseline"),
        "Unconfined":     ("baseline", "baseline", "baseline", "baseline"),
    }),
}  # fmt: skip

# Where each kind has its pod specification. The last one is configured, those before it are known.
KINDS = (
    ("v1", "Pod", "spec"),
    ("v1", "PodTemplate", "template.spec"),
    ("v1", "ReplicationController", "spec.template.spec"),
    ("apps/v1", "DaemonSet", "spec.template.spec"),
    ("apps/v1", "Deployment", "spec.template.spec"),
    ("apps/v1", "ReplicaSet", "spec.template.spec"),
    ("apps/v1", "StatefulSet", "spec.template.spec"),
    ("batch/v1", "CronJob", "spec.jobTemplate.spec.template.spec"),
    ("batch/v1", "Job", "spec.template.spec"),
    ("argoproj.io/v1alpha1", "Rollout", "spec.template.spec"),
    ("apps.kruise.io/v1alpha1", "CloneSet", "spec.template.spec"),
    ("keda.sh/v1alpha1", "ScaledJob", "spec.jobTargetRef.template.spec"),
    ("example.org/v1", "Worker", "spec.podTemplate.spec"),
)
CONFIGURED = {"example.org/Worker": "spec.podTemplate.spec"}

LISTS = {"containers": "main", "initContainers": "init", "ephemeralContainers": "debug"}
"""The lists of containers, with the name of the one container that each has here."""

# --- pods -----------------------------------------------------------------------------------------

_STEP = re.compile(r"\.?([\w$]+)(?:\[name=([^]]+)\])?")


def sound_pod() -> dict[str, Any]:
    """A pod specification that the restricted profile of every version accepts."""
    pod: dict[str, Any] = {
        "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
    }
    for name, container in LISTS.items():
        context = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
        pod[name] = [
            {"name": container, "image": "registry.example.org/web:1.0.0", "securityContext": context}
        ]
    return pod


def put(holder: dict[str, Any], path: str, value: Any) -> None:
    """Set a field, making what leads to it; `list[name=x]` is an entry of that name. UNSET takes it out."""
    steps = [found.groups() for found in _STEP.finditer(path)]
    for number, (key, name) in enumerate(steps):
        last = number == len(steps) - 1
        if name is not None:
            if last and value is UNSET:
                return
            entries = holder.setdefault(key, [])
            entries.append({"name": name, **(value if last else {})})
            holder = entries[-1]
        elif not last:
            holder = holder.setdefault(key, {})
        elif value is UNSET:
            holder.pop(key, None)
        else:
            holder[key] = value


def manifest_of(
    kind: tuple[str, str, str], pod: dict[str, Any], annotations: dict[str, str]
) -> dict[str, Any]:
    api_version, name, place = kind
    keys = place.split(".")
    manifest: dict[str, Any] = {"apiVersion": api_version, "kind": name}
    put(manifest, place, pod)
    put(manifest, ".".join([*keys[:-1], "metadata"]), {"annotations": annotations})
    return manifest


@dataclass(frozen=True)
class Case:
    """A pod with one value tried; `forbids` is "allowed", "restricted" or "baseline", the widest profile that does.

    `pointers`, where it is found, start at the pod specification, those of annotations at the template's metadata.
    """

    control: str
    forbids: str
    pointers: tuple[str, ...]
    pod: dict[str, Any]
    annotations: dict[str, str] = field(default_factory=dict)


def tries_of(
    row: Row, minor: int, *, host_users: Any = UNSET, windows: bool = False
) -> list[tuple[Any, str]]:
    """Every value of a row with the widest profile that forbids it."""
    tried = [
        *((value, "allowed") for value in row.allowed),
        *((value, "restricted") for value in row.restricted),
        *((value, "baseline") for value in row.baseline),
        *((value, "allowed" if minor >= first else "baseline") for value, first in row.allowed_from),
    ]
    if minor < row.since:
        return [(value, "allowed") for value, _ in tried]
    if host_users is False and minor >= 35:
        lifted = {("baseline",): {"baseline": "restricted"}, ("restricted",): {"restricted": "allowed"}}
        tried = [
            (value, lifted.get(row.user_namespace, {}).get(forbids, forbids)) for value, forbids in tried
        ]
    if windows and row.linux_only:
        tried = [(value, "allowed" if value in NOTHING else forbids) for value, forbids in tried]
    return tried


def cases_of(
    row: Row, minor: int, *, apart: bool = False, host_users: Any = UNSET, windows: bool = False
) -> list[Case]:
    """A case a value: in the pod, in all its containers, or (`apart`) in those of one list at a time."""
    cases = []
    for value, forbids in tries_of(row, minor, host_users=host_users, windows=windows):
        for scope in row.scopes:
            for places in ((place,) for place in LISTS) if apart and scope == CONTAINER else (tuple(LISTS),):
                pod, annotations, pointers = sound_pod(), {}, [row.path]
                if host_users is not UNSET:
                    pod["hostUsers"] = host_users
                if windows:
                    pod["os"] = {"name": "windows"}
                if scope == CONTAINER:
                    pointers = [f"{place}[name={LISTS[place]}].{row.path}" for place in places]
                    for place in places:
                        put(pod[place][0], row.path, value)
                elif scope == ANNOTATION:
                    pointers = [f'annotations["{row.path}"]']
                    annotations |= {row.path: value} if value is not UNSET else {}
                else:
                    put(pod, row.path, value)
                if row.path.endswith("Profile"):
                    pointers = [f"{pointer}.type" for pointer in pointers]
                cases.append(Case(row.control, forbids, tuple(pointers), pod, annotations))
    return cases


# --- verdicts -------------------------------------------------------------------------------------

RULES = {
    framework.name: {control.id: set(control.rules) for control in framework.controls}
    for framework in load_library().frameworks
    if framework.name.startswith("pss-")
}
BASELINE_RULES = set().union(*RULES["pss-baseline"].values())
RESTRICTED_RULES = set().union(*RULES["pss-restricted"].values())


@pytest.fixture(scope="module", params=ENGINES)
def judge_for(request, tmp_path_factory):
    """A judge of each minor version, by this engine; each is made once. It has these rules alone: it is faster."""
    base = tmp_path_factory.mktemp("standards")
    for name in ("lib", "pod_security"):
        (base / name).symlink_to(asset_folder("policies") / name)
    with contextlib.ExitStack() as stack:
        address = None
        if request.param == "opa":
            address = stack.enter_context(running_server(load_library(base=base)))
        judges: dict[int, Judge] = {}

        def judge(minor: int) -> Judge:
            if minor not in judges:
                spec = JudgeSpec(
                    engine=request.param,
                    kubernetes_version=f"1.{minor}",
                    schemas=False,
                    workloads=CONFIGURED,
                    base=base,
                    opa=address,
                )
                judges[minor] = stack.enter_context(Judge(spec))
            return judges[minor]

        yield judge


def whole_pointer(kind: tuple[str, str, str], pointer: str) -> str:
    place = kind[2]
    if pointer.startswith("annotations["):
        return ".".join([*place.split(".")[:-1], "metadata", pointer])
    return f"{place}.{pointer}"


def wrong_ones(judge: Judge, asked: list[tuple[tuple[str, str, str], Case]]) -> list[str]:
    """What the judge says otherwise than the cases; `asked` are (kind, case)."""
    documents = [document(manifest_of(kind, case.pod, case.annotations)) for kind, case in asked]
    wrong = []
    for (kind, case), judgement in zip(asked, judge.judge(documents), strict=True):
        found = [v for v in judgement.verdicts if v.rule_id in RESTRICTED_RULES | BASELINE_RULES]
        assert {v.outcome for v in found} <= {Outcome.FAIL}
        assert set(judgement.evaluated) >= RESTRICTED_RULES | BASELINE_RULES
        baseline = any(v.rule_id in BASELINE_RULES for v in found)
        restricted = any(v.rule_id in RESTRICTED_RULES for v in found)
        forbids = "baseline" if baseline else "restricted" if restricted else "allowed"
        # What baseline forbids, restricted forbids.
        if forbids != case.forbids or (baseline and not restricted):
            wrong.append(f"{kind[1]} {case.control} {case.pod}: {forbids}, should be {case.forbids}")
        elif (
            found
            and case.pointers
            and {v.pointer for v in found} != {whole_pointer(kind, one) for one in case.pointers}
        ):
            wrong.append(
                f"{kind[1]} {case.control}: found at {[v.pointer for v in found]}, not {case.pointers}"
            )
    return wrong


def turning(cases: list[Case], start: int) -> list[tuple[tuple[str, str, str], Case]]:
    """Each case in one kind; another one with the next `start`, so that over the versions each meets every kind."""
    return [(KINDS[(start + number) % len(KINDS)], case) for number, case in enumerate(cases)]


@pytest.mark.parametrize("minor", VERSIONS)
def test_every_value_of_every_field_in_every_version(judge_for, minor):
    cases = [case for row in TABLE for case in cases_of(row, minor)]
    assert len(cases) > 200
    assert {case.forbids for case in cases} == {"allowed", "restricted", "baseline"}
    assert wrong_ones(judge_for(minor), turning(cases, minor)) == []


def test_one_container_of_any_list_is_enough(judge_for):
    cases = [case for row in TABLE if CONTAINER in row.scopes for case in cases_of(row, 36, apart=True)]
    assert wrong_ones(judge_for(36), turning(cases, 0)) == []


@pytest.mark.parametrize(
    ("minor", "host_users"), [(34, False), (35, False), (37, False), (37, True), (37, None)]
)
def test_a_user_namespace_lifts_three_controls_from_1_35(judge_for, minor, host_users):
    rows = [
        row
        for row in TABLE
        if row.control not in ("Sysctls", "Volume Types", "Host Probes / Lifecycle Hooks (v1.34+)")
    ]
    cases = [case for row in rows for case in cases_of(row, minor, host_users=host_users)]
    lifted = {"Running as Non-root", "Running as Non-root user (v1.23+)", "/proc Mount Type"}
    assert {row.control for row in TABLE if row.user_namespace} == lifted
    assert wrong_ones(judge_for(minor), turning(cases, minor)) == []


# Fields that a pod of Windows may have: the API server refuses the others there, so what is said of them is moot.
ON_WINDOWS = (
    "HostProcess", "Host Namespaces", "HostPath Volumes", "Host Ports", "Host Probes / Lifecycle Hooks (v1.34+)",
    "Volume Types", "Running as Non-root",
)  # fmt: skip


@pytest.mark.parametrize("minor", [25, 37])
def test_windows_pods_may_leave_out_what_windows_has_not(judge_for, minor):
    cases = [
        case
        for row in TABLE
        for case in cases_of(row, minor, windows=True)
        if row.control in ON_WINDOWS or (row.linux_only and case.forbids == "allowed")
    ]
    bare = sound_pod()
    bare["os"] = {"name": "windows"}
    bare["securityContext"] = {"runAsNonRoot": True}
    for place in LISTS:
        del bare[place][0]["securityContext"]
    cases.append(Case("all that is for Linux alone", "allowed", (), bare))
    linux = {**bare, "os": {"name": "linux"}}
    cases.append(Case("the same on Linux", "restricted", (), linux))
    assert wrong_ones(judge_for(minor), turning(cases, minor)) == []


@pytest.mark.parametrize("place", LISTS)
def test_what_a_container_leaves_out_is_its_pods(judge_for, place):
    cases = []
    for name, (across, rows) in PRECEDENCE.items():
        for of_pod, expected in rows.items():
            for of_container, forbids in zip(across, expected, strict=True):
                pod = sound_pod()
                for other in set(LISTS) - {place}:
                    del pod[other]
                for holder, value in ((pod, of_pod), (pod[place][0], of_container)):
                    shown = {"type": value} if name == "seccompProfile" else value
                    put(holder, f"securityContext.{name}", UNSET if value == "-" else shown)
                cases.append(Case(name, forbids, (), pod))
    assert wrong_ones(judge_for(37), turning(cases, len(place))) == []


def test_every_kind_has_its_pods_judged_where_they_stand(judge_for):
    asked = [
        (kind, case)
        for kind in KINDS
        for row in TABLE
        if row.control in ("Privileged Containers", "HostProcess", "HostPath Volumes", "AppArmor")
        for case in cases_of(row, 37)
        if case.forbids == "baseline"
    ]
    assert wrong_ones(judge_for(37), asked) == []


@pytest.mark.parametrize(
    ("profile", "minor"), [("pss-baseline", 34), ("pss-restricted", 34), ("pss-restricted", 37)]
)
def test_the_frameworks_name_a_control_as_the_rules_find_it(judge_for, profile, minor):
    """Each control's forbidden values break a rule of that control, and each control has forbidden values."""
    cases = [
        case
        for row in TABLE
        for host_users in (UNSET, False)
        for case in cases_of(row, minor, host_users=host_users)
        if case.forbids in ("baseline", profile.removeprefix("pss-"))
    ]
    judgements = judge_for(minor).judge(
        [document(manifest_of(KINDS[4], case.pod, case.annotations)) for case in cases]
    )
    broken: dict[str, set[str]] = {}
    for case, judgement in zip(cases, judgements, strict=True):
        rules = {v.rule_id for v in judgement.verdicts}
        # A capability outside restricted's list is found by restricted's control, if baseline allows it.
        control = (
            "Capabilities (v1.22+)" if case.control == "Capabilities" and case.forbids == "restricted" else ""
        )
        control = control or case.control
        assert rules & RULES[profile][control], (control, case.pod)
        broken.setdefault(control, set()).update(rules & RULES[profile][control])
    unnamed = {"Seccomp (v1.19+)"} if profile == "pss-restricted" else set()
    assert set(broken) == set(RULES[profile]) - unnamed


def test_names_that_are_filled_in_later_are_not_judged(judge_for):
    """What Flux or Helm fills in is not known; a field with a placeholder is neither allowed nor forbidden."""
    pod = sound_pod()
    pod["securityContext"]["sysctls"] = [{"name": "${SYSCTL}", "value": "1"}]
    pod["securityContext"]["seLinuxOptions"] = {"type": "{{ .Values.type }}"}
    pod["containers"][0]["securityContext"]["procMount"] = "${PROC}"
    pod["containers"][0]["securityContext"]["seccompProfile"] = {"type": "${PROFILE}"}
    assert wrong_ones(judge_for(37), [(KINDS[4], Case("", "allowed", (), pod))]) == []


# --- what is configured ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("workloads", "match"),
    [
        ({"Rollout.argoproj.io": "spec"}, "is no kind"),
        ({"argoproj.io/v1alpha1/Rollout": "spec.template.spec"}, "is no kind"),
        ({"example.org/Worker": ""}, "no place"),
        ({"example.org/Worker": "spec.template[0]"}, "no place"),
        ({"example.org/Worker": ".spec"}, "no place"),
        ({"apps/Deployment": "spec.template.spec"}, "is known"),
    ],
)
def test_workloads_that_cannot_be(workloads, match):
    with pytest.raises(ConfigurationError, match=match):
        Judge(JudgeSpec(engine="embedded", workloads=workloads))


def test_an_unknown_kind_is_no_workload_until_it_is_configured(judge_for):
    pod = sound_pod()
    pod["hostPID"] = True
    manifest = document(manifest_of(KINDS[-1], pod, {}))
    with Judge(JudgeSpec(engine="embedded", schemas=False)) as plain:
        [judgement] = plain.judge([manifest])
        assert "AUD-POD-0002" not in judgement.evaluated
        digest = plain.bundle_digest
    with Judge(JudgeSpec(engine="embedded", schemas=False, workloads=CONFIGURED)) as told:
        [judgement] = told.judge([manifest])
        assert [v.pointer for v in judgement.verdicts if v.rule_id == "AUD-POD-0002"] == [
            "spec.podTemplate.spec.hostPID"
        ]
        assert told.bundle_digest != digest


def test_a_configured_place_wins_over_the_known_one():
    pod = sound_pod()
    pod["hostPID"] = True
    manifest = document(manifest_of(("argoproj.io/v1alpha1", "Rollout", "spec.other.spec"), pod, {}))
    with Judge(
        JudgeSpec(engine="embedded", schemas=False, workloads={"argoproj.io/Rollout": "spec.other.spec"})
    ) as judge:
        [judgement] = judge.judge([manifest])
    assert [v.pointer for v in judgement.verdicts if v.rule_id == "AUD-POD-0002"] == [
        "spec.other.spec.hostPID"
    ]
