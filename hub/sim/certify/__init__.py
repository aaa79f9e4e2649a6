"""Certification: hundreds of small trials of one connector, over loopback HTTP, against its own simulator."""

from hub.sim.certify.line import certified
from hub.sim.certify.report import Certificate, Verdict
from hub.sim.certify.run import Wish, certify
from hub.sim.certify.scenario import Tier
from hub.sim.certify.subject import subject_for, subject_of

__all__ = ["Certificate", "Tier", "Verdict", "Wish", "certified", "certify", "subject_for", "subject_of"]
