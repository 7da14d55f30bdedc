using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Queued.Daemon.Tests.Edge;

/// <summary>Keeps what is logged as an error.</summary>
internal sealed class ErrorLog : ILoggerProvider, ILogger
{
    private readonly ConcurrentQueue<string> _lines = new();

    /// <summary>A test that expects an error says so.</summary>
    public bool IsExpected { get; set; }

    public IReadOnlyCollection<string> Lines => _lines;

    public IReadOnlyCollection<string> Unexpected => IsExpected ? [] : Lines;

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel)) _lines.Enqueue($"{formatter(state, exception)} {exception}");
    }

    public void Dispose() => IsExpected = true;
}
