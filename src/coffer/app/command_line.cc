#include "coffer/app/command_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include <CLI/CLI.hpp>

#include "coffer/app/help_texts.h"

namespace coffer::app {
namespace {

// Options of MinIO's server that stand for what Coffer does not have.
constexpr std::array kNotOfferedFlags = {
    "--ftp",           "--sftp",      "--crossdomain-xml", "--memlimit",
    "--config-dir",    "--log-dir",   "--log-size",        "--log-compress",
    "--log-prefix",    "--interface", "--listeners",       "--send-buf-size",
    "--recv-buf-size", "-C"};

// `hidden`: for the place before the command, where MinIO takes them too.
void AddServerFlags(CLI::App& app, Flags& flags, bool hidden) {
    const auto group = [hidden](CLI::Option* option) {
        return hidden ? option->group("") : option;
    };
    for (const Setting& setting : Settings()) {
        if (setting.placeholder.empty()) continue;
        std::string names = FlagName(setting);
        if (setting.name == "certs_dir") names.insert(0, "-S,");
        const std::string key(setting.name);
        std::string help(setting.help);
        if (!setting.default_value.empty()) help += fmt::format(" [{}]", setting.default_value);
        if (setting.kind == SettingKind::kSwitch) {
            group(app.add_flag_callback(
                      names, [&flags, key] { flags.values.emplace(key, "on"); }, help))
                ->option_text(std::string(setting.placeholder));
        } else {
            group(app.add_option_function<std::string>(
                      names, [&flags, key](const std::string& v) { flags.values[key] = v; }, help))
                ->option_text(std::string(setting.placeholder));
        }
    }
    group(app.add_option("--config", flags.config_file, "TOML file of settings."))
        ->option_text("FILE");
    // MinIO's promise to hide credentials in what it prints; Coffer never prints them.
    app.add_flag("--anonymous")->group("");
    app.add_flag("--compat,--no-compat")->group("");
}

std::vector<std::string> FlagNames(const CLI::App& app) {
    std::vector<std::string> names;
    for (const CLI::Option* option : app.get_options())
        if (!option->get_lnames().empty()) names.push_back("--" + option->get_lnames().front());
    return names;
}

Error Usage(std::string message) {
    return Error(ErrorKind::kInvalid, std::move(message));
}

// "coffer config show"
std::string NameOf(const CLI::App& app) {
    return app.get_parent() == nullptr ? app.get_name()
                                       : NameOf(*app.get_parent()) + " " + app.get_name();
}

// None of it is an option.
std::vector<std::string> BehindMark(const std::vector<std::string>& words) {
    const auto mark = std::ranges::find(words, "--");
    return {mark == words.end() ? mark : mark + 1, words.end()};
}

bool TookAsPositional(const CLI::App& app, const std::string& word) {
    return std::ranges::any_of(app.get_options(), [&](const CLI::Option* option) {
        return option->get_positional() &&
               std::ranges::find(option->results(), word) != option->results().end();
    });
}

// `used`: the command that was given, of `app`.
Result<> RefuseExtras(const CLI::App& used, const CLI::App& app,
                      const std::vector<std::string>& behind_mark) {
    const std::string more = fmt::format("`{} --help` shows what there is.", NameOf(used));
    const auto too_many = [&](const std::string& word) {
        return Usage(fmt::format("\"{}\" is one word too many. {}", word, more));
    };
    // CLI11 ends a command that has all its words at the mark, and reads on as if there was none.
    for (const std::string& word : behind_mark)
        if (!TookAsPositional(used, word)) return too_many(word);
    std::vector<std::string> extras = app.remaining(true);
    std::erase(extras, "--");  // the mark itself, where the command had words to come
    if (extras.empty()) return Ok();
    const std::string& word = extras.front();
    const std::string name = word.substr(0, word.find('='));
    if (!word.starts_with('-')) return too_many(word);
    if (std::ranges::find(kNotOfferedFlags, name) != kNotOfferedFlags.end())
        return Usage(fmt::format(
            "{} is an option of MinIO that Coffer does not offer. Leave it out.", name));
    const std::string meant = Nearest(name, FlagNames(used));
    if (!meant.empty())
        return Usage(fmt::format("there is no option {}; did you mean {}? {}", name, meant, more));
    return Usage(fmt::format("there is no option {}. {}", name, more));
}

// Null where `name` is no switch's.
const Setting* FindSwitch(std::string_view name) {
    for (const Setting& setting : Settings())
        if (setting.kind == SettingKind::kSwitch && !setting.placeholder.empty() &&
            name == FlagName(setting))
            return &setting;
    return nullptr;
}

// CLI11 takes `--sigv2=off` for a flag as a count, and `--sigv2 off` for a flag and a directory: a
// switch with a value is read before it gets there. A bare one may stand before anything else.
std::vector<std::string> TakeSwitches(std::vector<std::string> words, Flags& flags) {
    std::vector<std::string> rest;
    bool options = true;
    for (size_t i = 0; i < words.size(); ++i) {
        if (words[i] == "--") options = false;
        const size_t equals = words[i].find('=');
        const Setting* found = options ? FindSwitch(words[i].substr(0, equals)) : nullptr;
        const bool apart = equals == std::string::npos;
        if (found != nullptr && !apart)
            flags.values[std::string(found->name)] = words[i].substr(equals + 1);
        else if (found != nullptr && i + 1 < words.size() && ParseSwitch(words[i + 1]))
            flags.values[std::string(found->name)] = words[++i];
        else
            rest.push_back(std::move(words[i]));
    }
    std::ranges::reverse(rest);  // as CLI11 wants its words
    return rest;
}

void SetUp(CLI::App& app) {
    app.allow_extras();
    app.get_formatter()->column_width(36);
    app.set_help_flag("-h,--help", "Print this.");
}

CLI::App* AddScrub(CLI::App& app, ScrubCommand& command) {
    using Action = ScrubCommand::Action;
    CLI::App* scrub =
        app.add_subcommand("scrub", "Read everything back, and mend what can be mended.");
    SetUp(*scrub);
    scrub->footer(std::string(kScrubExamples));
    scrub->add_option("DIR", command.directory, "The data directory.")
        ->option_text(" ")
        ->required();
    scrub->add_flag("--read-only,--dry-run", command.read_only,
                    "Say what is wrong; mend nothing, move nothing.");
    scrub->add_option("--rate", command.rate, "The most to read in a second [no limit].")
        ->option_text("SIZE");
    scrub->add_flag("--restart", command.restart, "Begin again where one did not end.");
    scrub->add_flag("--json", command.json, "Print JSON.");
    const auto action = [&](const char* name, Action chosen, const char* help) {
        scrub->add_flag_callback(name, [&command, chosen] { command.action = chosen; }, help);
    };
    action("--status", Action::kStatus, "Only say how far it is, and what the last one found.");
    action("--pause", Action::kPause, "Have the server's scrub wait.");
    action("--resume", Action::kResume, "Have it go on.");
    action("--cancel", Action::kCancel, "Give up the one that a command began.");
    return scrub;
}

CLI::App* AddAccount(CLI::App& app, AccountCommand& command) {
    CLI::App* account =
        app.add_subcommand("account", "Make, list and remove accounts beside the server's own.");
    SetUp(*account);
    account->footer(std::string(kAccountExamples));
    const auto add = [&](const char* word, AccountAction action, const char* help) {
        CLI::App* each = account->add_subcommand(word, help);
        SetUp(*each);
        each->add_option("DIR", command.directory, "The data directory.")
            ->option_text(" ")
            ->required();
        if (action != AccountAction::kList)
            each->add_option("NAME", command.name, "The account's name.")
                ->option_text(" ")
                ->required();
        each->add_flag("--json", command.json, "Print JSON.");
        each->callback([&command, action] { command.action = action; });
    };
    add("create", AccountAction::kCreate, "Make an account, and print its keys.");
    add("list", AccountAction::kList, "List all accounts.");
    add("remove", AccountAction::kRemove, "Remove an account that owns no buckets.");
    return account;
}

// What `coffer events` was told in words.
struct EventsWords {
    std::string action = "status";
    bool all = false;
};

CLI::App* AddEvents(CLI::App& app, EventsCommand& command, EventsWords& words) {
    CLI::App* events =
        app.add_subcommand("events", "Look after the events that webhooks are told.");
    SetUp(*events);
    events->footer(std::string(kEventsExamples));
    events->add_option("DIR", command.directory, "The data directory.")
        ->option_text(" ")
        ->required();
    events->add_option("ACTION", words.action, "status, list, replay or drop [status].")
        ->option_text(" ");
    events->add_option("--target", command.request.selection.target, "Those of this webhook.")
        ->option_text("ID");
    events->add_option("--id", command.request.selection.ids, "This one; several may be given.")
        ->option_text("NUMBER");
    events->add_flag("--all", words.all, "drop: all that were given up.");
    events->add_flag("--waiting", command.request.waiting,
                     "drop: those that wait for the target, not those that were given up.");
    events->add_flag("--json", command.json, "Print JSON.");
    return events;
}

CLI::App* AddBootstrap(CLI::App& app, BootstrapCommand& command, Flags& flags) {
    CLI::App* bootstrap = app.add_subcommand(
        "bootstrap", "Have the buckets, users and policies that a file declares.");
    SetUp(*bootstrap);
    bootstrap->footer(std::string(kBootstrapExamples));
    bootstrap->add_option("DIR", command.directory, "The data directory.")
        ->option_text(" ")
        ->required();
    bootstrap
        ->add_option_function<std::string>(
            "FILE", [&flags](const std::string& file) { flags.values["bootstrap"] = file; },
            "What is declared, in YAML [what the configuration names].")
        ->option_text(" ");
    bootstrap->add_flag("--dry-run", command.dry_run, "Show what would change; change nothing.");
    bootstrap->add_flag("--json", command.json, "Print JSON.");
    bootstrap->add_option("--config", flags.config_file, "TOML file of settings.")
        ->option_text("FILE");
    return bootstrap;
}

Result<> FinishEvents(const EventsWords& words, EventsRequest& request) {
    using Action = EventsRequest::Action;
    constexpr std::pair<std::string_view, Action> kActions[] = {{"status", Action::kStatus},
                                                                {"list", Action::kList},
                                                                {"replay", Action::kReplay},
                                                                {"drop", Action::kDrop}};
    const auto* found =
        std::ranges::find(kActions, words.action, &std::pair<std::string_view, Action>::first);
    if (found == std::end(kActions))
        return Usage(fmt::format("\"{}\" is none of status, list, replay and drop", words.action));
    request.action = found->second;
    const bool selects = !request.selection.target.empty() || !request.selection.ids.empty();
    if (request.action == Action::kDrop && !selects && !words.all)
        return Usage("say which to drop: --id, --target or --all");
    if (request.waiting && (request.action != Action::kDrop || request.selection.target.empty()))
        return Usage("--waiting goes with drop and --target");
    return Ok();
}

}  // namespace

Result<CommandLine> ParseCommandLine(int argc, const char* const* argv) {
    CommandLine out;
    CLI::App app{std::string(kAbout), "coffer"};
    SetUp(app);
    app.footer(std::string(kFirstSteps));
    AddServerFlags(app, out.flags, true);
    bool log_json = false;
    app.add_flag("--json", log_json)->group("");

    CLI::App* server = app.add_subcommand("server", "Serve S3 from a directory.");
    SetUp(*server);
    server->footer(std::string(kServerExamples));
    server->add_option("DIR", out.flags.directories, "Where everything is kept.")->option_text(" ");
    AddServerFlags(*server, out.flags, false);
    server->add_flag("--json", log_json, "Log JSON: the same as --log-format json.");

    CLI::App* config = app.add_subcommand("config", "Look at the configuration.");
    SetUp(*config);
    CLI::App* show = config->add_subcommand(
        "show", "Print every setting, its value and where it came from; secrets are hidden.");
    SetUp(*show);
    show->add_option("DIR", out.flags.directories, "As for `coffer server`.")->option_text(" ");
    AddServerFlags(*show, out.flags, false);
    show->add_flag("--json", out.json, "Print JSON.");

    CLI::App* health = app.add_subcommand("health", "Ask a server whether it is ready.");
    SetUp(*health);
    health->footer(std::string(kHealthExamples));
    health
        ->add_option("URL", out.url, "What to ask [/minio/health/ready of this machine's server].")
        ->option_text(" ");
    health->add_flag("--insecure", out.insecure, "Take any certificate.");
    std::string timeout = "5s";
    health->add_option("--timeout", timeout, "How long to wait for the answer [5s].")
        ->option_text("TIME");

    CLI::App* accept = app.add_subcommand(
        "accept-lost-commits",
        "Go on without transactions that the catalogue has lost, after a server said so.");
    SetUp(*accept);
    accept->add_option("DIR", out.directory, "As for `coffer server`.")
        ->option_text(" ")
        ->required();

    CLI::App* scrub = AddScrub(app, out.scrub);
    CLI::App* account = AddAccount(app, out.account);

    EventsWords events_words;
    CLI::App* events = AddEvents(app, out.events, events_words);

    CLI::App* bootstrap = AddBootstrap(app, out.bootstrap, out.flags);

    CLI::App* version = app.add_subcommand("version", "Print the version.");
    SetUp(*version);
    version->add_flag("--json", out.json, "Print JSON.");

    std::vector<std::string> words(argv + std::min(argc, 1), argv + argc);
    const bool asked_version = words.size() == 1 && (words[0] == "--version" || words[0] == "-v");
    if (asked_version) words[0] = "version";
    const std::vector<std::string> behind_mark = BehindMark(words);
    try {
        app.parse(TakeSwitches(std::move(words), out.flags));
    } catch (const CLI::CallForHelp&) {
        out.help = app.help();
        return out;
    } catch (const CLI::ParseError& e) {
        return Usage(fmt::format("{}. `coffer --help` shows what there is.", e.what()));
    }
    const CLI::App* used = &app;
    while (!used->get_subcommands().empty())
        used = used->get_subcommands().front();
    TRY(RefuseExtras(*used, app, behind_mark));
    TRY(out.timeout, ParseDuration(timeout));
    if (log_json) out.flags.values.emplace("log_format", "json");
    if (server->parsed()) out.command = Command::kServer;
    if (show->parsed()) out.command = Command::kConfigShow;
    if (health->parsed()) out.command = Command::kHealth;
    if (accept->parsed()) out.command = Command::kAcceptLostCommits;
    if (scrub->parsed()) out.command = Command::kScrub;
    if (account->parsed() && !account->get_subcommands().empty()) out.command = Command::kAccount;
    if (events->parsed()) {
        out.command = Command::kEvents;
        TRY(FinishEvents(events_words, out.events.request));
    }
    if (bootstrap->parsed()) out.command = Command::kBootstrap;
    if (version->parsed()) out.command = Command::kVersion;
    if (out.command == Command::kHelp) {
        out.help = config->parsed()    ? config->help("coffer")
                   : account->parsed() ? account->help("coffer")
                                       : app.help();
        out.asked = false;
    }
    return out;
}

Result<Flags> ParseFlagsVariable(std::string_view text, const std::string& variable) {
    Flags flags;
    flags.variable = variable;
    CLI::App app{"", "server"};
    SetUp(app);
    AddServerFlags(app, flags, false);
    app.add_option("DIR", flags.directories);
    bool log_json = false;
    app.add_flag("--json", log_json);
    auto words = SplitWords(text);
    if (!words) return words.error().Wrap(variable);
    const std::vector<std::string> behind_mark = BehindMark(words.value());
    try {
        app.parse(TakeSwitches(std::move(words.value()), flags));
    } catch (const CLI::CallForHelp&) {
        return Usage(variable + ": --help has no place there");
    } catch (const CLI::ParseError& e) {
        return Usage(fmt::format("{}: {}", variable, e.what()));
    }
    if (auto refused = RefuseExtras(app, app, behind_mark); !refused)
        return refused.error().Wrap(variable);
    if (log_json) flags.values.emplace("log_format", "json");
    return flags;
}

Result<std::vector<Flags>> FlagsOfEnvironment(const Environment& environment) {
    std::vector<Flags> layers;
    for (const char* name : {"COFFER_OPTS", "MINIO_OPTS"}) {
        const Environment::Variable* variable = environment.Find(name);
        if (variable == nullptr) continue;
        TRY(Flags flags, ParseFlagsVariable(variable->value, name));
        layers.push_back(std::move(flags));
    }
    return layers;
}

}  // namespace coffer::app
