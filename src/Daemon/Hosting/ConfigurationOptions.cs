using System.Collections;
using System.CommandLine;
using Queued.Daemon.Hosting.Configuration;

namespace Queued.Daemon.Hosting;

/// <summary>
/// The flags that stand for the configuration, and the order of the sources: defaults, file, environment, flags.
/// </summary>
internal sealed class ConfigurationOptions
{
    private readonly Option<string?> _file = new("--config")
    {
        Description = "Configuration file, JSON with comments. " +
            "Default, where it is there: queued.json in $CONFIGURATION_DIRECTORY, for root in /etc/queued, for " +
            "others in $XDG_CONFIG_HOME/queued.",
        HelpName = "FILE",
    };

    private readonly Option<bool> _private = new("--private")
    {
        Description = "A daemon for one program: no default configuration file, everything in a temporary directory, " +
            "and an immediate end when standard input ends.",
    };

    private readonly Option<string[]> _set = new("--set")
    {
        Description = "Any key of the configuration; may be given again.",
        HelpName = "SECTION.KEY=VALUE",
    };

    private readonly (Option<string?> Option, string Path)[] _values =
    [
        (Value("--socket", "PATH", "Path of the Unix socket."), "daemon.socket"),
        (Value("--socket-mode", "MODE", "Permissions of the socket, octal. Default: 0660."), "daemon.socket_mode"),
        (Value("--data", "DIRECTORY", "Data directory.", "--data-directory"), "daemon.data_directory"),
        (Value("--listen", "ADDRESS:PORT", "A loopback address to serve as well."), "daemon.listen"),
        (Value("--log-level", "LEVEL", "trace, debug, info, warn, error or none. Default: info."), "daemon.log_level"),
    ];

    public ConfigurationOptions(Command command)
    {
        command.Add(_file);
        foreach (var (option, _) in _values)
        {
            command.Add(option);
        }

        command.Add(_set);
        command.Add(_private);
    }

    public bool IsPrivate(ParseResult parsed) => parsed.GetValue(_private);

    /// <exception cref="ConfigurationException">Something is wrong in any of the sources.</exception>
    public DaemonConfiguration Load(ParseResult parsed)
    {
        var loader = new ConfigurationLoader();
        if (parsed.GetValue(_file) is { } file)
        {
            loader.AddFile(FullPath(file, _file.Name));
        }
        else if (!IsPrivate(parsed) && DefaultFile() is { } path && FileStatus.OfTarget(path) is not null)
        {
            loader.AddFile(path);
        }

        loader.AddEnvironment(Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .Select(entry => KeyValuePair.Create((string)entry.Key, (string?)entry.Value ?? "")));
        foreach (var (option, path) in _values)
        {
            if (parsed.GetValue(option) is { } value)
            {
                var isPath = path is "daemon.socket" or "daemon.data_directory";
                loader.AddFlag(path, isPath ? Absolute(value) : value, $"flag {option.Name}");
            }
        }

        foreach (var assignment in parsed.GetValue(_set) ?? [])
        {
            loader.AddAssignment(assignment);
        }

        return loader.Build();
    }

    /// <summary>With the paths that the environment decides. A private daemon's are not known before it runs.</summary>
    public DaemonConfiguration LoadWithPaths(ParseResult parsed)
    {
        var configuration = Load(parsed);
        return IsPrivate(parsed) ? configuration : configuration with
        {
            Daemon = configuration.Daemon with
            {
                Socket = configuration.Daemon.Socket ?? SocketFile.DefaultPath(),
                DataDirectory = configuration.Daemon.DataDirectory ?? DataDirectory.DefaultPath(),
            },
        };
    }

    /// <exception cref="StartupException">It is empty, which no file's path is.</exception>
    public static string FullPath(string path, string what) => path.Length > 0
        ? Path.GetFullPath(path)
        : throw new StartupException(ExitCode.Usage, $"{what} is empty; it must be the path of a file");

    // In a file a relative path would depend on where the daemon was started; on a command line it is plain.
    private static string Absolute(string path) => path.Length == 0 ? path : Path.GetFullPath(path);

    private static string? DefaultFile() =>
        Environment.GetEnvironmentVariable("CONFIGURATION_DIRECTORY") is ['/', ..] given
            ? Path.Combine(given.Split(':')[0], "queued.json")
        : FileStatus.CurrentUser == 0 ? "/etc/queued/queued.json"
        : Environment.GetEnvironmentVariable("XDG_CONFIG_HOME") is ['/', ..] home
            ? Path.Combine(home, "queued/queued.json")
        : Environment.GetFolderPath(Environment.SpecialFolder.UserProfile) is { Length: > 0 } user
            ? Path.Combine(user, ".config/queued/queued.json")
        : null;

    private static Option<string?> Value(string name, string helpName, string description, params string[] aliases) =>
        new(name, aliases) { Description = description, HelpName = helpName };
}
