using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Queued.Cli.Output;
using Queued.Cli.Rendering;
using Queued.Client;

namespace Queued.Cli.Commands;

/// <summary>One run of one verb: its options, its streams and its connection.</summary>
internal sealed class CommandContext(
    ParseResult parse,
    GlobalOptions global,
    Terminal terminal,
    Interruption interruption) : IAsyncDisposable
{
    private const long PayloadBytesMaxDefault = 4 * 1024 * 1024;

    private QueuedClient? _client;
    private TaskId? _awaited;
    private bool _isAdded;

    public Terminal Terminal => terminal;

    public OutputWriter Output { get; } = new(terminal);

    public bool Json { get; } = parse.GetValue(global.Json);

    public bool Quiet { get; } = parse.GetValue(global.Quiet);

    /// <summary>Ctrl-C and SIGTERM.</summary>
    public Interruption Interruption => interruption;

    public CancellationToken CancellationToken => interruption.Token;

    /// <summary>Whether a person watches standard error, so that progress is worth drawing.</summary>
    public bool ShowsProgress => terminal is { IsErrorTerminal: true, IsPlain: false } && !Quiet;

    /// <summary>A line that moves while this command runs: what is said meanwhile stands above it.</summary>
    public ProgressView? Progress
    {
        get => Output.Progress;
        set => Output.Progress = value;
    }

    public QueuedClient Client => _client ??= Connect();

    public T? Get<T>(Option<T> option) => parse.GetValue(option);

    public T Get<T>(Argument<T> argument) => parse.GetRequiredValue(argument);

    public T? GetOptional<T>(Argument<T?> argument) => parse.GetValue(argument);

    /// <summary>Remembers the task that is waited for, for the report where the daemon goes away.</summary>
    /// <param name="task">The task.</param>
    /// <param name="isAdded">This run added it, so that there was a daemon even where now there is none.</param>
    public void Await(TaskId task, bool isAdded) => (_awaited, _isAdded) = (task, isAdded);

    /// <summary>Data: bytes on standard output.</summary>
    public Task PrintAsync(ReadOnlyMemory<byte> bytes) => Output.WriteAsync(bytes, CancellationToken);

    /// <summary>Data: safe text on standard output.</summary>
    public Task PrintAsync(string text) => Output.WriteAsync(text, CancellationToken);

    public Task PrintLineAsync(string text) => Output.WriteLineAsync(text, CancellationToken);

    /// <summary>Data: one object on one line.</summary>
    public Task PrintJsonAsync<T>(T record, JsonTypeInfo<T> type) =>
        Output.WriteJsonAsync(record, type, CancellationToken);

    /// <summary>Talk: one line on standard error, unless nobody wants to hear it.</summary>
    public void Say(string line)
    {
        if (!Quiet)
            TellError(SafeText.Line(line));
    }

    /// <summary>An error: one line on standard error, as JSON where JSON was asked for.</summary>
    public void Report(Exception exception)
    {
        ErrorRecord error = ErrorReport.Of(exception);
        bool isOfTask = exception is DaemonUnavailableException && (_isAdded || error.Reason == "CONNECTION_LOST");
        Report(isOfTask ? error with { TaskId = _awaited?.Value } : error);
    }

    public void Report(ErrorRecord error) => TellError(Json
        ? JsonSerializer.Serialize(new ErrorLine(error), CliJson.Default.ErrorLine)
        : ErrorReport.Line(error));

    private void TellError(string line)
    {
        // Where both are the same terminal the order counts, not the stream.
        if (Progress?.TryPrint(System.Text.Encoding.UTF8.GetBytes(line + "\n")) != true)
            terminal.Error.WriteLine(line);
    }

    /// <summary>Does the same to each. One that fails is reported and stops no other; the first one decides.</summary>
    public async Task<int> ForEachAsync<T>(IEnumerable<T> things, Func<T, Task> act)
    {
        int exitCode = ExitCode.Ok;
        foreach (T thing in things)
        {
            try
            {
                await act(thing);
            }
            catch (QueuedException exception) when (exception is not DaemonUnavailableException)
            {
                Report(exception);
                exitCode = exitCode == ExitCode.Ok ? ErrorReport.ExitCodeOf(exception) : exitCode;
            }
        }

        return exitCode;
    }

    /// <summary>The most bytes that a payload may have, as the daemon says.</summary>
    public async Task<long> GetPayloadBytesMaxAsync()
    {
        DaemonStatus status = await Client.GetStatusAsync(CancellationToken);
        return status.Limits.TryGetValue("payload_bytes_max", out long bytesMax) ? bytesMax : PayloadBytesMaxDefault;
    }

    public async ValueTask DisposeAsync()
    {
        if (_client is not null)
            await _client.DisposeAsync();
    }

    private QueuedClient Connect()
    {
        string? address = parse.GetValue(global.Address);
        try
        {
            return new QueuedClient(new QueuedClientOptions
            {
                Address = address,
                JsonSerializerOptions = CliJson.Default.Options,
                // A person or a script is waiting: an absent daemon is an answer, not something to sit out.
                ReconnectTimeout = TimeSpan.Zero,
            });
        }
        catch (Exception exception) when (exception is ArgumentException or UriFormatException)
        {
            // Without --address it is the environment's, and the message names the variable.
            throw new UsageException(address is null ? exception.Message : $"--address: {exception.Message}");
        }
    }
}
