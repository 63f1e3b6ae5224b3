"""Builders of small export files in the two official shapes; all facts are invented."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any, Sequence

EXPORTS = Path(__file__).parents[3] / "shared" / "data" / "procedures"  # the real ones, where a checkout has them


def paper(name: str, originals: int = 1, copies: int = 0, file: str | None = None) -> dict[str, Any]:
    return {"ten": name, "ban_chinh": originals, "ban_sao": copies, "mau": file}


def group(*papers: dict[str, Any], heading: str | None = None) -> dict[str, Any]:
    return {"truong_hop": heading, "giay_to": list(papers)}


def channel(
    kind: str = "Trực tiếp",
    time: str | None = "5",
    unit: str | None = "Ngày làm việc",
    fee: str | None = "Miễn phí",
    words: str | None = None,
) -> dict[str, Any]:
    return {"kenh": kind, "thoi_han": time, "don_vi": unit, "phi": fee, "mo_ta": words}


def portal_record(code: str = "9.000001", **changes: Any) -> dict[str, Any]:
    """A record as the national portal's export has it."""
    record = {
        "ma": code,
        "ten": f"Thủ tục đăng ký thả diều {code}",
        "bo_nganh": "bo-thu-nghiem",
        "linh_vuc": "Thả diều",
        "cap": ["Cấp xã"],
        "doi_tuong": ["Công dân Việt Nam", "Doanh nghiệp"],
        "co_quan_thuc_hien": "Ủy ban nhân dân cấp xã",
        "co_quan_co_tham_quyen": None,
        "so_quyet_dinh": "1/QĐ-TN",
        "trinh_tu": "Bước 1: Chuẩn bị hồ sơ.\nBước 2: Nộp hồ sơ.\n- Nộp trực tiếp.",
        "cach_thuc": [channel()],
        "ho_so": [group(paper("Đơn đề nghị thả diều"))],
        "ket_qua": [{"ten": "Giấy phép thả diều", "ma": "KQ.X00.000001"}],
        "can_cu": ["1/2020/TT-TN", "1/2020/TT-TN"],
        "yeu_cau": None,
        "url": f"https://example.org/thu-tuc/{code}",
        "ho_so_raw": "",
        "cach_thuc_raw": "",
        "can_cu_raw": "",
    }
    return {**record, **changes}


def defence_record(code: str = "9.100001", **tables: Any) -> dict[str, Any]:
    """A record as the Ministry of National Defence's export has it."""
    return {
        "thu_tuc_id": code,
        "source_file": f"{code}.doc",
        "metadata": {
            "mã_thủ_tục": code,
            "tên_thủ_tục": f"Thủ tục mượn kèn {code}",
            "số_quyết_định": "2/QĐ-TN",
            "cấp_thực_hiện": "Cấp Bộ, Cấp Xã",
            "loại_thủ_tục": "Thử nghiệm",
            "lĩnh_vực": "Quân nhạc",
        },
        "content": {
            "trình_tự_thực_hiện": "Bước 1: Xin mượn. Bước 2: Nhận kèn.",
            "cách_thức_thực_hiện": "",
            "đối_tượng_thực_hiện": "Công dân Việt Nam",
            "cơ_quan_thực_hiện": "Không có thông tin",
            "cơ_quan_có_thẩm_quyền": "Ban chỉ huy quân sự cấp xã",
            "kết_quả_thực_hiện": "Phiếu mượn kèn",
            "yêu_cầu_điều_kiện_thực_hiện": "không",
        },
        "tables": {
            "hinh_thuc_nop": [
                {
                    "hinh_thuc": "Trực tiếp",
                    "thoi_han_giai_quyet": "07 Ngày làm việc",
                    "phi_le_phi": "Phí : 20.000 Đồng (Mượn kèn đồng)\nLệ phí : 03 USD (Người nước ngoài)",
                    "mo_ta": "",
                }
            ],
            "thanh_phan_ho_so": [
                {"ten_giay_to": "1.\tĐơn mượn kèn", "so_luong": "Mẫu số 7.docx", "ghi_chu": "Bản chính: 1\nBản sao: 0"},
                {
                    "ten_giay_to": "Giấy tờ phải xuất trình: Giấy giới thiệu",
                    "so_luong": "",
                    "ghi_chu": "Bản chính: 1\nBản sao: 0",
                },
            ],
            "can_cu_phap_ly": [{"so_ky_hieu": "5", "trich_yeu": "Quyết định 5/2021 về kèn", "ngay_ban_hanh": ""}],
            **tables,
        },
    }


def write_export(path: Path, records: Sequence[Any]) -> Path:
    """Write records as JSON lines, packed when the name ends in ".gz"; a ``str`` is written as it is."""
    lines = [record if isinstance(record, str) else json.dumps(record, ensure_ascii=False) for record in records]
    content = "".join(f"{line}\n" for line in lines).encode()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path
