#include <charconv>
#include <limits>

#include "coffer/codec/uri.h"

#include "bench/loader/workloads.h"

namespace coffer::bench {
namespace {

// The text of the first element of that name: a page is not parsed, which would cost more than
// what is measured.
std::string_view ElementText(std::string_view page, std::string_view open_tag) {
    const size_t at = page.find(open_tag);
    if (at == std::string_view::npos) return {};
    const std::string_view rest = page.substr(at + open_tag.size());
    return rest.substr(0, rest.find('<'));
}

class Listings final : public Workload {
  public:
    Listings(const RequestSigner& signer, std::string bucket, std::string delimiter)
        : signer_(signer), path_("/" + std::move(bucket)), delimiter_(std::move(delimiter)) {}

    std::vector<std::string_view> kinds() const override { return {"list"}; }

    Turn Next(size_t connection, Request* request) override {
        if (connection >= walks_.size()) walks_.resize(connection + 1);
        Walk& walk = walks_[connection];
        std::string query;
        if (!walk.token.empty())
            query = "continuation-token=" + codec::PercentEncode(walk.token) + "&";
        if (!delimiter_.empty()) query += "delimiter=" + codec::PercentEncode(delimiter_) + "&";
        query += "list-type=2&max-keys=1000";
        walk.head = signer_.Head("GET", path_, query, kEmptySha256, 0);
        request->head = walk.head;
        request->keep_bytes = std::numeric_limits<size_t>::max();
        return Turn::kSend;
    }

    bool Done(size_t connection, const Request& /*request*/,
              const ResponseReader& answer) override {
        if (answer.status() != 200) return false;
        // Servers put these before the keys.
        const std::string_view page = answer.kept();
        const std::string_view count = ElementText(page, "<KeyCount>");
        uint64_t keys = 0;
        std::from_chars(count.data(), count.data() + count.size(), keys);
        listed_ += keys;
        const bool more = ElementText(page, "<IsTruncated>") == "true";
        Walk& walk = walks_[connection];
        // Some servers end a walk with a page of nothing.
        const bool complete = keys > 0 || (!walk.token.empty() && !more);
        walk.token = more ? std::string(ElementText(page, "<NextContinuationToken>")) : "";
        return complete && more == !walk.token.empty();
    }

    uint64_t listed() const override { return listed_; }

  private:
    struct Walk {
        std::string token;
        std::string head;
    };

    const RequestSigner& signer_;
    const std::string path_;
    const std::string delimiter_;
    std::vector<Walk> walks_;
    uint64_t listed_ = 0;
};

}  // namespace

std::unique_ptr<Workload> NewListings(const RequestSigner& signer, std::string bucket,
                                      std::string delimiter) {
    return std::make_unique<Listings>(signer, std::move(bucket), std::move(delimiter));
}

}  // namespace coffer::bench
