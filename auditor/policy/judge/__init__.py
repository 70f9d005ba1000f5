"""The judge: documents in, judgements out. One a worker process; importing this package is cheap.

`spec` is what it is made from, `profiles` which parameters hold where, `opening` its engine, `bundle` what its
verdicts were made with.
"""

from auditor.policy.engines import EngineSession, engine_session
from auditor.policy.interface import OpaAddress
from auditor.policy.judge.judge import Judge
from auditor.policy.judge.spec import JudgeSpec

__all__ = ["EngineSession", "Judge", "JudgeSpec", "OpaAddress", "engine_session"]
