#include "coffer/catalog/headers_codec.h"

namespace coffer::catalog {
namespace {

constexpr char kStandard = 's';
constexpr char kUser = 'u';

void Append(std::string& out, char kind, const std::pair<std::string, std::string>& header) {
    out += kind;
    out += header.first;
    out += '\0';
    out += header.second;
    out += '\0';
}

// Cuts the text before the next NUL off `bytes`.
Result<std::string> Take(std::string_view& bytes) {
    const size_t end = bytes.find('\0');
    if (end == std::string_view::npos)
        return Error(ErrorKind::kCorrupt,
                     "the headers of an object in the catalogue are cut short");
    std::string text(bytes.substr(0, end));
    bytes.remove_prefix(end + 1);
    return text;
}

}  // namespace

std::string EncodeHeaders(const ObjectHeaders& headers) {
    std::string out;
    for (const auto& header : headers.standard)
        Append(out, kStandard, header);
    for (const auto& header : headers.user)
        Append(out, kUser, header);
    return out;
}

Result<ObjectHeaders> DecodeHeaders(std::string_view bytes) {
    ObjectHeaders headers;
    while (!bytes.empty()) {
        const char kind = bytes.front();
        bytes.remove_prefix(1);
        if (kind != kStandard && kind != kUser)
            return Error(ErrorKind::kCorrupt,
                         "the headers of an object in the catalogue are damaged");
        TRY(std::string name, Take(bytes));
        TRY(std::string value, Take(bytes));
        auto& list = kind == kStandard ? headers.standard : headers.user;
        list.emplace_back(std::move(name), std::move(value));
    }
    return headers;
}

}  // namespace coffer::catalog
