using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Queued.Benchmarks;

/// <summary>
/// A program that says "ready", and then does a round for each number that it is given on a line, and answers with a
/// line of JSON. It ends when its input does.
/// </summary>
internal sealed class Driver : IAsyncDisposable
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);
    private static readonly TimeSpan StartMax = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan RoundMax = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan EndMax = TimeSpan.FromSeconds(10);

    private readonly Process _process;
    private readonly StringBuilder _errors = new();

    private Driver(Process process)
    {
        _process = process;
        process.ErrorDataReceived += (_, line) =>
        {
            lock (_errors) _errors.AppendLine(line.Data);
        };
        process.BeginErrorReadLine();
    }

    public int ProcessId => _process.Id;

    /// <exception cref="PeerFailedException">It is not ready in time.</exception>
    public static async Task<Driver> StartAsync(string program, params string[] arguments)
    {
        var driver = new Driver(Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            // What Python compiles belongs into no output folder.
            Environment = { ["PYTHONDONTWRITEBYTECODE"] = "1" },
        })!);
        try
        {
            if (await driver.ReadAsync(StartMax) is not "ready")
                throw new PeerFailedException($"{program} did not say that it is ready.");
            return driver;
        }
        catch
        {
            await driver.DisposeAsync();
            throw;
        }
    }

    public async Task<Lap> RunAsync(int count)
    {
        await _process.StandardInput.WriteLineAsync(count.ToString(CultureInfo.InvariantCulture));
        await _process.StandardInput.FlushAsync();
        var answer = JsonSerializer.Deserialize<Answer>(await ReadAsync(RoundMax), Json)!;
        return new Lap(answer.Seconds, answer.Latencies ?? []);
    }

    /// <summary>Ends it, and what it has started and left.</summary>
    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        using var patience = new CancellationTokenSource(EndMax);
        try
        {
            await _process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            // It hangs; what it had to say was said by its rounds.
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
    }

    private async Task<string> ReadAsync(TimeSpan max)
    {
        try
        {
            if (await _process.StandardOutput.ReadLineAsync().WaitAsync(max) is { } line) return line;
            await _process.WaitForExitAsync();
            lock (_errors) throw new PeerFailedException($"It ended with exit code {_process.ExitCode}.\n{_errors}");
        }
        catch (TimeoutException)
        {
            lock (_errors) throw new PeerFailedException($"It has said nothing for {max}.\n{_errors}");
        }
    }

    private sealed record Answer(double Seconds, double[]? Latencies);
}
