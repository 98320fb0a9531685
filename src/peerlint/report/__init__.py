"""What people and machines read: one module for each format."""

from peerlint.report.json import render_json
from peerlint.report.page import render_rule
from peerlint.report.scan import render_scan, scan_json
from peerlint.report.text import render_text

__all__ = ["render_json", "render_rule", "render_scan", "render_text", "scan_json"]
