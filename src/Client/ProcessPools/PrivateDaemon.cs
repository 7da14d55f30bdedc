using System.ComponentModel;
using System.Diagnostics;

namespace Queued.Client.ProcessPools;

/// <summary>
/// A daemon for this process alone. It holds one end of a pipe whose other end is ours: when we go, however we go, the
/// kernel closes ours, and the daemon ends its workers, removes its directory and exits.
/// </summary>
internal sealed class PrivateDaemon : IAsyncDisposable
{
    private const string ReadyMark = " ready on ";
    private const int TailLines = 50;
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(15);

    private readonly Process _process;
    private readonly Task _draining;
    private readonly Queue<string> _tail;

    private PrivateDaemon(Process process, string address, Task draining, Queue<string> tail)
    {
        _process = process;
        Address = address;
        _draining = draining;
        _tail = tail;
    }

    public string Address { get; }

    /// <exception cref="DaemonUnavailableException">
    /// It cannot be run, or did not get ready; the message has its last lines.
    /// </exception>
    public static async Task<PrivateDaemon> StartAsync(
        IReadOnlyList<string> command, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(command[0])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (var argument in command.Skip(1).Concat(["serve", "--private"]))
            start.ArgumentList.Add(argument);

        // The address and the identity of another daemon, where we are a worker ourselves, are not this one's
        // configuration.
        var names = start.Environment.Keys.Where(name => name.StartsWith("QUEUED_", StringComparison.Ordinal));
        foreach (var name in names.ToList())
            start.Environment.Remove(name);

        var process = Start(start);
        var tail = new Queue<string>();
        var errors = DrainAsync(process.StandardError, tail);
        try
        {
            var address = await ReadAddressAsync(process.StandardOutput).WaitAsync(
                timeout, cancellationToken).ConfigureAwait(false);
            if (address is not null)
                return new PrivateDaemon(
                    process, address, Task.WhenAll(errors, DrainAsync(process.StandardOutput, null)), tail);
            await errors.WaitAsync(StopTimeout, CancellationToken.None).ConfigureAwait(false);
            throw Failed("it ended before it was ready", tail);
        }
        catch (TimeoutException)
        {
            await EndAsync(process).ConfigureAwait(false);
            throw Failed($"it was not ready within {timeout}", tail);
        }
        catch (OperationCanceledException)
        {
            await EndAsync(process).ConfigureAwait(false);
            throw;
        }
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start) ?? throw Failed($"{start.FileName} was not started", []);
        }
        catch (Win32Exception exception)
        {
            // Its message names the path and says what the kernel said.
            throw Failed($"{start.FileName} cannot be run. {exception.Message.TrimEnd('.')}", [], exception);
        }
    }

    /// <summary>The last lines of its log.</summary>
    public string ReadTail()
    {
        lock (_tail)
            return string.Join('\n', _tail);
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync(_process).ConfigureAwait(false);
        await _draining.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _process.Dispose();
    }

    private static async Task EndAsync(Process process)
    {
        process.StandardInput.Close();
        using var patience = new CancellationTokenSource(StopTimeout);
        try
        {
            await process.WaitForExitAsync(patience.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // Its workers do not outlive it: the guard beside it sees to that.
            process.Kill();
        }
    }

    private static async Task<string?> ReadAddressAsync(StreamReader output)
    {
        while (await output.ReadLineAsync().ConfigureAwait(false) is { } line)
        {
            var at = line.IndexOf(ReadyMark, StringComparison.Ordinal);
            if (at >= 0)
                return line[(at + ReadyMark.Length)..].Split(", ")[0].Trim();
        }

        return null;
    }

    private static async Task DrainAsync(StreamReader reader, Queue<string>? tail)
    {
        while (await reader.ReadLineAsync().ConfigureAwait(false) is { } line)
        {
            if (tail is null)
                continue;
            lock (tail)
            {
                tail.Enqueue(line);
                if (tail.Count > TailLines)
                    tail.Dequeue();
            }
        }
    }

    private static QueuedException Failed(string what, Queue<string> tail, Exception? innerException = null)
    {
        string log;
        lock (tail)
            log = string.Join('\n', tail);
        return ErrorMapping.Make(
            new ErrorDetails(
                ErrorMapping.Unreachable,
                $"The private daemon could not be started: {what}.{(log.Length > 0 ? "\n" + log : "")}"),
            innerException);
    }
}
