namespace Queued.Cli.Output;

/// <summary>A backup that is complete.</summary>
internal sealed record BackupRecord(string Path, long SizeBytes);
