#include <fmt/format.h>

#include "coffer/codec/digest.h"
#include "coffer/codec/hex.h"
#include "coffer/codec/uri.h"

#include "bench/loader/workloads.h"

namespace coffer::bench {
namespace {

constexpr size_t kCreate = 0;
constexpr size_t kPart = 1;
constexpr size_t kComplete = 2;

class Multiparts final : public Workload {
  public:
    Multiparts(const RequestSigner& signer, const Content& content, const ObjectRange& range,
               size_t parts, bool sign_payload)
        : signer_(signer),
          content_(content),
          range_(range),
          sign_payload_(sign_payload),
          etags_(parts) {}

    std::vector<std::string_view> kinds() const override { return {"create", "part", "complete"}; }

    Turn Next(size_t connection, Request* request) override {
        if (connection >= heads_.size()) heads_.resize(connection + 1);
        std::string& head = heads_[connection];
        switch (step_) {
            case Step::kIdle:
                if (upload_ == range_.count) return Turn::kEnd;
                head = signer_.Head("POST", Path(), "uploads=", kEmptySha256, 0);
                request->kind = kCreate;
                step_ = Step::kWaiting;
                break;
            case Step::kParts:
                if (next_part_ == etags_.size()) return Turn::kWait;
                MakePart(&head, request);
                ++next_part_;
                break;
            case Step::kComplete:
                MakeComplete(&head, request);
                step_ = Step::kWaiting;
                break;
            case Step::kWaiting:
                return Turn::kWait;
        }
        request->head = head;
        return Turn::kSend;
    }

    bool Done(size_t /*connection*/, const Request& request,
              const ResponseReader& answer) override {
        // Completion may answer 200 with an error in the body.
        const bool good =
            answer.status() == 200 && answer.kept().find("<Error>") == std::string::npos;
        if (request.kind == kCreate) {
            upload_id_ = UploadIdOf(answer.kept());
            step_ = Step::kParts;
            next_part_ = done_parts_ = 0;
            return good && !upload_id_.empty();
        }
        if (request.kind == kPart) {
            etags_[request.number] = answer.etag();
            if (++done_parts_ == etags_.size()) step_ = Step::kComplete;
            return good && !answer.etag().empty();
        }
        ++upload_;
        step_ = Step::kIdle;
        return good;
    }

  private:
    // kWaiting: for the answer to a creation or a completion.
    enum class Step { kIdle, kParts, kComplete, kWaiting };

    static std::string UploadIdOf(std::string_view page) {
        constexpr std::string_view kTag = "<UploadId>";
        const size_t at = page.find(kTag);
        if (at == std::string_view::npos) return {};
        const std::string_view rest = page.substr(at + kTag.size());
        return std::string(rest.substr(0, rest.find('<')));
    }

    std::string Path() const { return range_.keys.Path(range_.first + upload_); }

    void MakePart(std::string* head, Request* request) {
        const uint64_t number = (range_.first + upload_) * etags_.size() + next_part_;
        const std::string query = fmt::format("partNumber={}&uploadId={}", next_part_ + 1,
                                              codec::PercentEncode(upload_id_));
        *head = signer_.Head("PUT", Path(), query,
                             sign_payload_ ? content_.Sha256Of(number) : kUnsignedPayload,
                             content_.size());
        request->kind = kPart;
        request->body = content_.common();
        request->tail = content_.TailOf(number);
        request->tail_bytes = Content::kTailBytes;
        request->number = next_part_;
    }

    void MakeComplete(std::string* head, Request* request) {
        manifest_ = "<CompleteMultipartUpload>";
        for (size_t i = 0; i < etags_.size(); ++i) {
            manifest_ += fmt::format("<Part><PartNumber>{}</PartNumber><ETag>{}</ETag></Part>",
                                     i + 1, etags_[i]);
        }
        manifest_ += "</CompleteMultipartUpload>";
        *head = signer_.Head("POST", Path(), "uploadId=" + codec::PercentEncode(upload_id_),
                             codec::ToHex(codec::Sha256(AsBytes(manifest_))), manifest_.size());
        request->kind = kComplete;
        request->body = AsBytes(manifest_);
    }

    const RequestSigner& signer_;
    const Content& content_;
    const ObjectRange range_;
    const bool sign_payload_;
    std::vector<std::string> heads_;  // by connection
    std::vector<std::string> etags_;  // by part
    Step step_ = Step::kIdle;
    uint64_t upload_ = 0;
    std::string upload_id_;
    size_t next_part_ = 0;
    size_t done_parts_ = 0;
    std::string manifest_;
};

}  // namespace

std::unique_ptr<Workload> NewMultiparts(const RequestSigner& signer, const Content& content,
                                        const ObjectRange& range, size_t parts, bool sign_payload) {
    return std::make_unique<Multiparts>(signer, content, range, parts, sign_payload);
}

}  // namespace coffer::bench
