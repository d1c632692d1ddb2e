"""What stands in the file for whoever opens it in ten years, without this program."""

from __future__ import annotations

_TEXT = """DỮ LIỆU CỦA {title}

Tệp này chứa toàn bộ dữ liệu của cấp ủy trong phần mềm Nền Nếp tại một thời điểm:

  manifest.json   tệp này là gì, có bao nhiêu dòng, mã SHA-256 của từng bảng
  SHA256SUMS      mã SHA-256 của mọi tệp, theo mẫu của lệnh sha256sum
  tables/         mỗi bảng của cấp ủy là một tệp CSV (UTF-8, dòng đầu là tên cột; ô trống là không có,
                  "" là chữ rỗng; giờ là giờ UTC)
  platform/       những gì hệ thống chung biết về cấp ủy: tên gọi qua các thời kỳ, vai trò của người dùng, số liệu
                  từng tháng, tháng đã chốt, đính chính. Không có mật khẩu, mã xác nhận hay phiên đăng nhập nào.
  pages/          {pages}

CÁCH KIỂM TRA TỆP CÒN NGUYÊN VẸN (không cần Nền Nếp, không cần mạng)

  1. Giải nén vào một thư mục trống rồi mở thư mục đó.
  2. Chạy: sha256sum -c SHA256SUMS --quiet
     Không hiện dòng nào là mọi tệp đúng nguyên văn.
  3. Chạy: sha256sum SHA256SUMS
     Mã phải trùng với "sums_sha256" trong manifest.json.
  4. Chạy: sha256sum manifest.json
     Mã phải trùng với mã đã in trên giấy khi xuất dữ liệu.

Có Nền Nếp thì một lệnh là đủ: nennep committee verify TỆP.zip
Phục hồi: nennep committee restore TỆP.zip --province ĐỊA-CHỈ-TỈNH

Tệp có họ tên và việc của đảng viên. Xin giữ như giữ sổ đảng viên.
"""
_PAGES = "ảnh và tệp đã gửi (biên bản, minh chứng), đúng nguyên văn"
_NO_PAGES = "không có: lần xuất này không kèm ảnh và tệp"


def readme(title: str, *, with_pages: bool) -> str:
    """README.txt of an export, in Vietnamese."""
    return _TEXT.format(title=title.upper(), pages=_PAGES if with_pages else _NO_PAGES)
