using System.Diagnostics;

namespace Queued.EndToEnd.Tests.Docs;

/// <summary>
/// A private daemon that is set up as the README says: with its queued.json, and the PATH that its lines leave.
/// </summary>
internal sealed class DocumentedDaemon : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private readonly string _folder;
    private readonly Process _process;

    private readonly string _path;

    private DocumentedDaemon(string folder, Process process, string path)
    {
        _folder = folder;
        _process = process;
        _path = path;
    }

    /// <summary>Its own, and gone with it.</summary>
    public string Folder => _folder;

    public IReadOnlyDictionary<string, string> Environment => new Dictionary<string, string>
    {
        ["PATH"] = _path,
        ["QUEUED_SOCKET"] = Path.Combine(_folder, "queued.sock"),
    };

    public static async Task<DocumentedDaemon> StartAsync()
    {
        var folder = Directory.CreateTempSubdirectory("queued-docs-").FullName;
        var configuration = Path.Combine(folder, "queued.json");
        await File.WriteAllTextAsync(configuration, Readme.Configuration);
        string[] arguments =
        [
            "serve", "--config", configuration, "--socket", Path.Combine(folder, "queued.sock"),
            "--data", Path.Combine(folder, "data"),
        ];
        var path = await Readme.PathAsync();
        var start = new ProcessStartInfo("env", ["queued", .. arguments])
        {
            RedirectStandardOutput = true,
            Environment = { ["PATH"] = path },
        };
        var process = Process.Start(start)!;
        var daemon = new DocumentedDaemon(folder, process, path);
        var line = await process.StandardOutput.ReadLineAsync().WaitAsync(Deadline);
        if (line is null || !line.StartsWith("queued ", StringComparison.Ordinal))
        {
            await daemon.DisposeAsync();
            throw new InvalidOperationException($"The daemon did not get ready; it said: {line}");
        }

        return daemon;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            using var terminate = Process.Start("kill", ["-TERM", $"{_process.Id}"]);
            await terminate.WaitForExitAsync();
            using var deadline = new CancellationTokenSource(Deadline);
            try
            {
                await _process.WaitForExitAsync(deadline.Token);
            }
            catch (OperationCanceledException)
            {
                _process.Kill();
                throw new TimeoutException($"The daemon did not end within {Deadline} of SIGTERM.");
            }
        }

        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
