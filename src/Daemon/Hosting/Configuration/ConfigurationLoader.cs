using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Queued.Broker;

namespace Queued.Daemon.Hosting.Configuration;

/// <summary>
/// Puts the sources over each other: defaults, the file, the environment (<c>QUEUED__SECTION__KEY</c>), the flags.
/// Collects every mistake of all of them before it gives up.
/// </summary>
internal sealed class ConfigurationLoader
{
    private const string EnvironmentPrefix = "QUEUED__";
    private const string DefaultQueue = "default";

    private static readonly JsonDocumentOptions FileSyntax = new()
    {
        CommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
    };

    private readonly List<ConfigMistake> _mistakes = [];
    private readonly SectionDraft<DaemonSection> _daemon = new(SectionTables.Daemon, new());
    private readonly SectionDraft<BrokerLimits> _limits = new(SectionTables.Limits, new());
    private readonly SectionDraft<StorageSection> _storage = new(SectionTables.Storage, new());
    private readonly SectionDraft<ExecSection> _exec = new(SectionTables.Exec, new());
    private readonly SectionDraft<LogsSection> _logs = new(SectionTables.Logs, new());
    private readonly SectionDraft<TelemetrySection> _telemetry = new(SectionTables.Telemetry, new());
    private readonly NamedDraft<QueueSettings> _queues = new(
        NamedTables.Queue, _ => new() { Durability = 0 });
    private readonly NamedDraft<PoolSettings> _pools = new(NamedTables.Pool, name => new()
    {
        Name = name,
        Size = Environment.ProcessorCount,
        Queues = [DefaultQueue],
    });

    private readonly Dictionary<string, ISectionDraft> _sections;

    public ConfigurationLoader()
    {
        _sections = new()
        {
            ["daemon"] = _daemon,
            ["limits"] = _limits,
            ["storage"] = _storage,
            ["queues"] = _queues,
            ["pools"] = _pools,
            ["exec"] = _exec,
            ["logs"] = _logs,
            ["telemetry"] = _telemetry,
        };
    }

    public void AddFile(string path)
    {
        try
        {
            var bytes = File.ReadAllBytes(path);
            if (!Utf8.IsValid(bytes))
            {
                _mistakes.Add(new("", "is not UTF-8: " + FirstBadByte(bytes), path));
                bytes = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(bytes));
            }

            using var document = JsonDocument.Parse(bytes.AsMemory(Preamble(bytes)), FileSyntax);
            AddDocument(document.RootElement, path);
        }
        catch (JsonException e)
        {
            _mistakes.Add(new("", $"not valid JSON at line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}: " +
                $"{FirstSentence(e.Message)}", path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _mistakes.Add(new("", $"cannot be read: {e.Message}", path));
        }
    }

    public void AddEnvironment(IEnumerable<KeyValuePair<string, string>> variables)
    {
        foreach (var (name, value) in variables.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            if (name.StartsWith(EnvironmentPrefix, StringComparison.Ordinal))
            {
                AddText(name[EnvironmentPrefix.Length..].Split("__"), value, $"environment variable {name}");
            }
        }
    }

    /// <summary>One value of a flag, such as <c>daemon.socket</c>.</summary>
    public void AddFlag(string path, string value, string flag) => AddText(path.Split('.'), value, flag);

    /// <summary>A <c>--set section.key=value</c>.</summary>
    public void AddAssignment(string assignment)
    {
        var split = assignment.IndexOf('=');
        if (split <= 0)
        {
            _mistakes.Add(new("", $"\"{assignment}\" is not allowed; must be section.key=value", "flag --set"));
        }
        else
        {
            AddFlag(assignment[..split], assignment[(split + 1)..], "flag --set");
        }
    }

    /// <exception cref="ConfigurationException">Something is wrong in any of the sources.</exception>
    public DaemonConfiguration Build()
    {
        var configuration = new DaemonConfiguration
        {
            Daemon = _daemon.Value,
            Limits = _limits.Value,
            Storage = _storage.Value,
            Queues = Queues(),
            Pools = Pools(),
            Exec = _exec.Value,
            Logs = _logs.Value,
            Telemetry = _telemetry.Value,
        };
        ConfigurationRules.Check(configuration, _pools.Sections, _mistakes);
        return _mistakes.Count == 0 ? configuration : throw new ConfigurationException(_mistakes);
    }

    private Dictionary<string, QueueSettings> Queues()
    {
        var queues = _queues.Sections.ToDictionary(section => section.Name, section => section.Value);
        queues.TryAdd(DefaultQueue, new());
        if (_exec.Value.Enabled)
        {
            queues.TryAdd(ExecSection.PoolName, new());
        }

        return queues;
    }

    private Dictionary<string, PoolSettings> Pools()
    {
        var pools = _pools.Sections.ToDictionary(section => section.Name, section => section.Value);
        if (_exec.Value.Enabled)
        {
            pools.TryAdd(ExecSection.PoolName, new()
            {
                Name = ExecSection.PoolName,
                Exec = true,
                Size = _exec.Value.Size,
                Queues = [ExecSection.PoolName],
                WorkingDirectory = _exec.Value.Directory,
            });
        }

        return pools;
    }

    private void AddDocument(JsonElement root, string source)
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            _mistakes.Add(new("", "must hold one JSON object", source));
            return;
        }

        var seen = new HashSet<string>();
        foreach (var (name, value) in ConfigText.Members(root, "", source, _mistakes))
        {
            if (!seen.Add(name))
            {
                _mistakes.Add(new(name, "is given twice", source));
            }
            else if (_sections.TryGetValue(name, out var section))
            {
                section.ReadObject(value, name, source, _mistakes);
            }
            else if (name != "$schema")
            {
                _mistakes.Add(SectionDraft<DaemonSection>.Unknown(name, name, _sections.Keys, source));
            }
        }
    }

    private void AddText(string[] segments, string value, string source)
    {
        var name = segments[0].ToLowerInvariant();
        var path = $"{name}.{string.Join('.', segments.Skip(1).Select(ConfigText.WithoutShouting))}";
        if (!_sections.TryGetValue(name, out var section))
        {
            _mistakes.Add(SectionDraft<DaemonSection>.Unknown(path, name, _sections.Keys, source));
        }
        else if (segments.Length < 2)
        {
            _mistakes.Add(new(name, "is a section; a key must follow", source));
        }
        else
        {
            section.ReadText(segments.AsSpan(1), value, path, source, _mistakes);
        }
    }

    private static string FirstBadByte(ReadOnlySpan<byte> bytes)
    {
        var good = 0;
        while (Rune.DecodeFromUtf8(bytes[good..], out _, out var length) == OperationStatus.Done) good += length;
        var line = bytes[..good].Count((byte)'\n') + 1;
        var column = good - bytes[..good].LastIndexOf((byte)'\n');
        return $"line {line}, byte {column} begins no character";
    }

    private static int Preamble(byte[] bytes) => bytes is [0xEF, 0xBB, 0xBF, ..] ? 3 : 0;

    // The rest of the message repeats the position.
    private static string FirstSentence(string message) =>
        message.IndexOf(" LineNumber:", StringComparison.Ordinal) is var end and > 0 ? message[..end] : message;
}
